"""The grammar: Jira expressions, as far as event filters may use them.

https://developer.atlassian.com/cloud/jira/platform/jira-expressions-grammar/ (2026-04-17), the
page's own rules rewritten for lark's LALR(1) parser.
"""

from __future__ import annotations

from typing import Final

GRAMMAR: Final = r"""
start: (declaration ";")* _body ";"?

declaration: "let" NAME "=" _expr | NAME "=" _expr
_body: _expr | if_ | try_ | "return" _expr | throw

block: "{" (declaration ";")* _body ";"? "}"
if_: "if" "(" _expr ")" block ["else" (block | if_)]
try_: "try" block "catch" ["(" NAME ")"] block
throw: "throw" _expr

_expr: arrow | _conditional
arrow: ARROW_HEAD _expr | ARROW_HEAD arrow_block
arrow_block: "{" (let_declaration ";")* _statement ";"? "}"
let_declaration: "let" NAME "=" _expr
_statement: if_ | try_ | "return" _expr | throw

_conditional: _or | conditional
conditional: _or "?" _expr ":" _expr
_or: _and | or_
or_: _and (OR _and)+
_and: _equality | and_
and_: _equality (AND _equality)+
_equality: _relation | equality
equality: _relation ((EQUAL | UNEQUAL) _relation)+
_relation: _sum | relation
relation: _sum ((LESS | LESS_EQUAL | MORE | MORE_EQUAL) _sum)+
_sum: _product | sum
sum: _product ((PLUS | MINUS) _product)+
_product: _unary | product
product: _unary ((TIMES | DIVIDED | MODULO) _unary)+
_unary: _postfix | unary
unary: (NOT | MINUS | TYPEOF) _unary
_postfix: _primary | chain
chain: _primary _link+
_link: member | optional_member | index | optional_index | call
member: "." PROPERTY
optional_member: "?." PROPERTY
index: "[" _expr "]"
optional_index: "?." "[" _expr "]"
call: "(" [_expr ("," _expr)*] ")"

_primary: name | number | text | template | regexp | constant | list_ | map_ | "(" _expr ")"
name: NAME
number: NUMBER
text: STRING
template: TEMPLATE
regexp: REGEXP
constant: TRUE | FALSE | NULL
list_: "[" [_expr ("," _expr)*] "]"
map_: "{" [entry ("," entry)*] "}"
entry: (NAME | STRING) ":" _expr

TRUE: "true"
FALSE: "false"
NULL: "null"
TYPEOF: "typeof"
OR: "||"
AND: "&&"
EQUAL: "=="
UNEQUAL: "!="
LESS: "<"
LESS_EQUAL: "<="
MORE: ">"
MORE_EQUAL: ">="
PLUS: "+"
MINUS: "-"
TIMES: "*"
DIVIDED: "/"
MODULO: "%"
NOT: "!"
ARROW_HEAD.3: /(\(\s*([A-Za-z_$][\w$]*\s*(,\s*[A-Za-z_$][\w$]*\s*)*)?\)|[A-Za-z_$][\w$]*)\s*=>/
NAME: /[A-Za-z_$][\w$]*/
PROPERTY: /[A-Za-z_$][\w$]*/
NUMBER: /(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?/
STRING: /'(\\.|[^'\\\n])*'|"(\\.|[^"\\\n])*"/s
TEMPLATE: /`(\\.|[^`\\])*`/s
REGEXP: /\/(?![*\/])(\\.|\[(\\.|[^\]\\\n])*\]|[^\/\\\n])+\/[A-Za-z]*/
%ignore /\s+/
"""
