"""What somebody asks for in words of their own: one intent, a few that may be meant, or none.

`phrasebook` knows one language's words, `rules` says which words together mean what, `sentence`
puts both together, and `shape` is all that is ever noted of a sentence nobody understood.
"""
