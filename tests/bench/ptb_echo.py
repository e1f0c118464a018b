"""The echo bot of python-telegram-bot's own examples: `python -m tests.bench.ptb_echo URL KIND`.

KIND: "stock" for PTB's own request class, on httpx; "aiohttp" for ours.
"""

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.bench.server import TOKEN


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message and update.message.text:
        await update.message.reply_text(update.message.text)


def main(url: str, kind: str) -> None:
    builder = Application.builder().token(TOKEN).base_url(f"{url}/bot")
    if kind == "aiohttp":
        from bot.channels.request import Request

        builder = builder.request(Request()).get_updates_request(Request())
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
