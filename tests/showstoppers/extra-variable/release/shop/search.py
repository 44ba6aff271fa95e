"""What a customer looks for: `ship and bottle`, `ship or anchor`."""

from ply import lex, yacc

tokens = ("WORD", "AND", "OR")
t_ignore = " "


def t_WORD(token):
    r"[a-z]+"
    token.type = {"and": "AND", "or": "OR"}.get(token.value, "WORD")
    return token


def t_error(token):
    raise ValueError(token.value)


def p_any(p):
    "query : query OR all"
    p[0] = lambda text: p[1](text) or p[3](text)


def p_query(p):
    "query : all"
    p[0] = p[1]


def p_all(p):
    "all : all AND WORD"
    p[0] = lambda text: p[1](text) and p[3] in text


def p_word(p):
    "all : WORD"
    p[0] = lambda text: p[1] in text


def p_error(p):
    raise ValueError("not a query")


def find(things, query):
    matches = yacc.yacc(debug=False, write_tables=False).parse(query, lexer=lex.lex())
    return [thing for thing in things if matches(thing)]
