"""A request to /graphql: read, limited, validated, carried out, and answered, whatever it is."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from inspect import isawaitable
from typing import Any, Final, TypeAlias

import msgspec
import structlog
from attrs import define, field, frozen
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationType,
    ValidationRule,
    execute,
    get_operation_ast,
    parse,
    specified_rules,
    subscribe,
    validate,
)

from adapters.graphql.asking import Asking
from adapters.graphql.cases import Asker, UseCases
from adapters.graphql.limits import MOST_TOKENS, TooMuch, check, counted
from adapters.graphql.prices import Costs
from adapters.graphql.problems import problem_of
from adapters.graphql.requests import Refused, check_members, hash_of, request
from adapters.graphql.schema import Schema
from myticket_core.errors import MyticketError, plain
from myticket_core.ports import Clock

MOST_REMEMBERED: Final = 256
LONGEST_REMEMBERED: Final = 8_192
MOST_ERRORS: Final = 5
_GUESS: Final = re.compile(r" Did you mean .*", re.DOTALL)
_ENCODER: Final = msgspec.json.Encoder()
Results: TypeAlias = AsyncGenerator[Mapping[str, Any], None]

log = structlog.get_logger("myticket.graphql")


@frozen
class Answer:
    """`status` is 200 for whatever was carried out, however it came out; 400 for what was not."""

    status: int
    body: bytes


@define(eq=False)
class Graph:
    """`operations`: documents that may be asked for by the SHA-256 of their text; `only` those with `closed`.

    `open`: whoever asks may look at the schema, and is helped with names.
    """

    schema: Schema
    cases: UseCases
    clock: Clock
    operations: Mapping[str, str] = field(factory=dict)
    closed: bool = False
    open: bool = False
    _costs: Costs = field(init=False)
    _valid: OrderedDict[str, DocumentNode] = field(factory=OrderedDict, init=False)

    @_costs.default
    def _of_schema(self) -> Costs:
        return self.schema.costs()

    async def answer(self, raw: bytes, asker: Asker) -> Answer:
        """Raises nothing on purpose but what `asker.pays` does."""
        try:
            said = request(raw)
            variables = said.get("variables") or {}
            document = self._document(self._text(said), variables, asker)
            result = await self._carried_out(document, variables, said.get("operationName"), asker)
        except Refused as refused:
            shown = [self._shown(error, refused.code, asker) for error in refused.errors[:MOST_ERRORS]]
            return Answer(400, _ENCODER.encode({"errors": shown}))
        return Answer(200, _ENCODER.encode(self._result(result, asker)))

    async def changes(self, said: Mapping[str, Any], asker: Asker) -> Results | list[Mapping[str, Any]]:
        """The results of a subscription as they come; a list: why there are none. Raises what `asker.pays` does."""
        try:
            check_members(said)
            variables = said.get("variables") or {}
            document = self._document(self._text(said), variables, asker)
            stream = await self._subscribed(document, variables, said.get("operationName"), asker)
        except Refused as refused:
            return [self._shown(error, refused.code, asker) for error in refused.errors[:MOST_ERRORS]]
        return self._results(stream, asker)

    async def _results(self, stream: Any, asker: Asker) -> Results:
        async with aclosing(stream):
            async for result in stream:
                yield self._result(result, asker)

    async def _subscribed(
        self, document: DocumentNode, variables: dict[str, Any], name: str | None, asker: Asker
    ) -> AsyncIterator[ExecutionResult]:
        """Raises Refused."""
        operation = get_operation_ast(document, name)
        if operation is None or operation.operation is not OperationType.SUBSCRIPTION:
            raise Refused("invalid", GraphQLError("only subscriptions are carried out here: POST the others"))
        asking = Asking(self.cases, asker, self.clock, lasting=True)
        begun = subscribe(
            self.schema._schema, document, context_value=asking, variable_values=variables, operation_name=name
        )
        stream = await begun if isawaitable(begun) else begun
        if isinstance(stream, ExecutionResult):
            raise Refused("invalid", *(stream.errors or ()))
        return stream

    def _text(self, said: Mapping[str, Any]) -> str:
        """The document, sent or persisted. Raises Refused."""
        text, hashed = said.get("query"), hash_of(said)
        if hashed is not None and hashed in self.operations:
            return self.operations[hashed]
        if hashed is not None and text is None:
            raise Refused("persisted_query_not_found", GraphQLError("there is no such operation here"))
        if self.closed:
            raise Refused("only_persisted", GraphQLError("only persisted operations are carried out here"))
        if not isinstance(text, str):
            raise Refused("invalid", GraphQLError("query is a document of GraphQL, in a string"))
        return text

    def _document(self, text: str, variables: Mapping[str, Any], asker: Asker) -> DocumentNode:
        """Parsed, affordable, valid and paid for. Raises Refused."""
        known = self._valid.get(text)
        try:
            document = known or parse(counted(text), max_tokens=MOST_TOKENS)
            worth = check(document, variables, self._costs)
            errors = () if known else self._errors(document)
        except TooMuch as error:
            raise Refused("too_costly", error) from None
        except GraphQLError as error:
            raise Refused("invalid", error) from None
        except RecursionError:
            raise Refused("too_costly", GraphQLError("nested too deeply")) from None
        if errors:
            raise Refused("invalid", *errors)
        self._remember(text, document)
        if worth > 1:
            asker.pays(worth - 1)
        return document

    def _errors(self, document: DocumentNode) -> Sequence[GraphQLError]:
        rules = specified_rules if self.open else (*specified_rules, NoSchemaIntrospectionCustomRule, _NoSdl)
        return validate(self.schema._schema, document, rules, max_errors=MOST_ERRORS)

    def _remember(self, text: str, document: DocumentNode) -> None:
        if len(text) <= LONGEST_REMEMBERED:
            self._valid[text] = document
            self._valid.move_to_end(text)
            if len(self._valid) > MOST_REMEMBERED:
                self._valid.popitem(last=False)

    async def _carried_out(
        self, document: DocumentNode, variables: dict[str, Any], name: str | None, asker: Asker
    ) -> ExecutionResult:
        """Raises Refused: which operation is not clear, or the variables are not what it takes."""
        operation, asking = get_operation_ast(document, name), Asking(self.cases, asker, self.clock)
        if operation is not None and operation.operation is OperationType.SUBSCRIPTION:
            raise Refused("invalid", GraphQLError("subscriptions come over a WebSocket, by graphql-transport-ws"))
        try:
            running = execute(
                self.schema._schema,
                document,
                context_value=asking,
                variable_values=variables,
                operation_name=name,
            )
            result: ExecutionResult = await running if isawaitable(running) else running
        except RecursionError:
            raise Refused("too_costly", GraphQLError("nested too deeply")) from None
        if result.data is None and result.errors and all(error.path is None for error in result.errors):
            raise Refused("invalid", *result.errors)
        return result

    def _result(self, result: ExecutionResult, asker: Asker) -> dict[str, Any]:
        said: dict[str, Any] = {"data": result.data}
        if result.errors:
            said["errors"] = [self._of_field(error, asker) for error in result.errors[:MOST_ERRORS]]
        return said

    def _of_field(self, error: GraphQLError, asker: Asker) -> Mapping[str, Any]:
        """What was not raised on purpose is logged, once, and says nothing of itself."""
        cause = error.original_error
        problem = problem_of(cause) if isinstance(cause, MyticketError) else None
        if problem is not None:
            return self._shown(error, problem.code, asker, problem.message)
        if cause is None or isinstance(cause, GraphQLError):
            return self._shown(error, "invalid", asker)
        log.error("field failed", path=error.path, exc_info=cause)
        return self._shown(error, "internal", asker, "Something unforeseen happened; the correlation id finds it")

    def _shown(self, error: GraphQLError, code: str, asker: Asker, message: str | None = None) -> dict[str, Any]:
        said = plain(message or error.message)
        shown: dict[str, Any] = {"message": said if self.open else _GUESS.sub("", said)}
        if error.locations:
            shown["locations"] = [{"line": it.line, "column": it.column} for it in error.locations]
        if error.path is not None:
            shown["path"] = error.path
        return {**shown, "extensions": {"code": code, "correlationId": asker.correlation_id}}


class _NoSdl(ValidationRule):
    """What a gateway asks to learn the schema: it is committed, and nobody else's business."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        if node.name.value == "_service":
            self.report_error(GraphQLError("_service has been disabled here", node))
