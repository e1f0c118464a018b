"""Run the few statements that every message needs with next to no cost besides the database's.

A Core statement, once compiled, goes to the driver directly. Its usual way through SQLAlchemy
takes five to ten times as long as SQLite does for the same, and is half the cost of a turn.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.exc import DBAPIError, NoResultFound

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """names: of the parameters, in the order of the text if the driver wants them so.

    write, read: what turns values into the driver's, by name, and back, by column.
    """

    text: str
    positional: bool
    names: tuple[str, ...]
    fixed: Values
    write: Mapping[str, Convert]
    read: tuple[tuple[int, Convert], ...]

    def parameters(self, values: Values) -> Any:
        given = {**self.fixed, **values}
        for name, convert in self.write.items():
            given[name] = convert(given[name])
        return tuple([given[name] for name in self.names]) if self.positional else given

    def row(self, found: Any) -> tuple[Any, ...] | None:
        if found is None:
            return None
        row = list(found)
        for column, convert in self.read:
            row[column] = convert(row[column])
        return tuple(row)


class Prepared:
    """One statement, or one for each dialect by its name.

    columns: which the values of an INSERT or UPDATE set; all values are given at each call.
    Statements with a list as a parameter cannot be prepared.
    """

    def __init__(
        self, statement: ClauseElement | Mapping[str, ClauseElement], columns: Iterable[str] = ()
    ) -> None:
        self._statement, self._columns = statement, list(columns)
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: Connection, values: Values) -> tuple[Any, ...] | None:
        """The first row, if any. Raises DBAPIError as a connection does."""
        compiled = self._for(connection.dialect)

        def run(cursor: Any) -> Any:
            cursor.execute(compiled.text, compiled.parameters(values))
            return cursor.fetchone()

        return compiled.row(_run(connection, run))

    def one(self, connection: Connection, values: Values) -> tuple[Any, ...]:
        """The first row. Raises NoResultFound, and DBAPIError as a connection does."""
        row = self.first(connection, values)
        if row is None:
            raise NoResultFound
        return row

    def each(self, connection: Connection, rows: Iterable[Values]) -> None:
        """Once for each; what it answers is left. Raises DBAPIError as a connection does."""
        compiled = self._for(connection.dialect)
        many = [compiled.parameters(values) for values in rows]
        _run(connection, lambda cursor: cursor.executemany(compiled.text, many))

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._statement
        if isinstance(statement, Mapping):
            statement = statement[dialect.name]
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._columns or None)
        write = {name: _writer(bind.type, dialect) for name, bind in compiled.binds.items()}
        columns = getattr(statement, "exported_columns", ())
        read = enumerate(_reader(column.type, dialect) for column in columns)
        return _Compiled(
            str(compiled),
            compiled.positional,
            tuple(compiled.positiontup or compiled.binds),
            {name: bind.effective_value for name, bind in compiled.binds.items()},
            {name: convert for name, convert in write.items() if convert},
            tuple((column, convert) for column, convert in read if convert),
        )


def _writer(kind: Any, dialect: Dialect) -> Convert | None:
    convert: Convert | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _reader(kind: Any, dialect: Dialect) -> Convert | None:
    convert: Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert


def _run(connection: Connection, work: Callable[[Any], Any]) -> Any:
    dialect = connection.dialect
    driver: Any = dialect.loaded_dbapi
    if not connection.in_transaction():
        connection.begin()  # as with its own statements
    cursor = connection.connection.cursor()
    try:
        return work(cursor)
    except driver.Error as error:
        lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            None, None, error, driver.Error, hide_parameters=True, connection_invalidated=lost
        ) from error
    finally:
        cursor.close()
