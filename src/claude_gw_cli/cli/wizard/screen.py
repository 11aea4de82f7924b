"""Questions with arrow keys, drawn by prompt_toolkit. One that is answered disappears; its answer stays as a line."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, VSplit, Window
from prompt_toolkit.layout.processors import AfterInput, Processor, Transformation
from prompt_toolkit.styles import Style

from claude_gw_cli.cli.wizard.asking import Back, KeyPasted
from claude_gw_cli.cli.wizard.terminal import columns, wrapped
from claude_gw_cli.core.pasted import key_in, shown_while_typed
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.core.terminal import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.layout.processors import TransformationInput
    from prompt_toolkit.output import Output

    from claude_gw_cli.cli.wizard.asking import Option

# Only what every light and dark palette has.
_STYLE = Style.from_dict({"question": "bold", "chosen": "ansicyan bold", "quiet": "dim", "problem": "ansiyellow"})
_NARROW = 60
_ESCAPE_SECONDS = 0.05
"""How long an Esc waits for the rest of an arrow key's sequence."""


class Live:
    """Asks with arrow keys on stderr."""

    def __init__(self) -> None:
        self._input = create_input(sys.stdin)
        self._output = _output()

    def choose(self, question: str, options: Sequence[Option], default: str, why: str = "") -> str:
        """One of the options, chosen with the arrow keys, a number or its first letter."""
        choice = _Choice(question, why, options, default)
        control = FormattedTextControl(choice.drawn, focusable=True, show_cursor=False)
        return str(self._run(Layout(Window(control, dont_extend_height=True)), choice.keys()))

    def line(self, question: str, default: str, why: str, problem: str, typed: str) -> str:
        """One line; what was typed before can be corrected."""
        return self._typed(question, default, why, problem, Buffer(multiline=False), _Masked(), typed) or default

    def hidden(self, question: str, why: str, problem: str) -> str:
        """One line of which only stars are shown."""
        return self._typed(question, "", why, problem, Buffer(multiline=False), _Hidden(), "")

    def _typed(
        self,
        question: str,
        default: str,
        why: str,
        problem: str,
        buffer: Buffer,
        shown: Processor,
        typed: str,
    ) -> str:
        keys = _leaving()
        buffer.insert_text(typed)

        @keys.add("left")
        def _(event: KeyPressEvent) -> None:
            if not buffer.text:
                _back(event)
            buffer.cursor_left()

        @keys.add("enter")
        @keys.add("c-j")
        def _(event: KeyPressEvent) -> None:
            event.app.exit(result=buffer.text)

        @keys.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            buffer.insert_text(" ".join(event.data.split()))

        @keys.add("right")
        @keys.add("tab")
        def _(_: KeyPressEvent) -> None:
            if buffer.text:
                buffer.cursor_right()
            else:
                buffer.insert_text(default)  # to be changed

        hint = AfterInput(lambda: [("class:quiet", escaped(default) if not buffer.text else "")])
        field = BufferControl(buffer, input_processors=[shown, hint])
        above = FormattedTextControl(lambda: _heading(question, why, problem))
        taken = "Enter take it" if default else "Enter accept"
        below = FormattedTextControl(
            lambda: _footer(taken, *(["Tab edit it"] if default else []), "Esc back", "Ctrl-C stop")
        )
        body = HSplit(
            [
                Window(above, dont_extend_height=True),
                VSplit([Window(FormattedTextControl([("class:chosen", "  ❯ ")]), width=4), Window(field, height=1)]),
                Window(below, dont_extend_height=True),
            ]
        )
        return str(self._run(Layout(body, focused_element=field), keys))

    def _run(self, layout: Layout, keys: KeyBindings) -> Any:
        app: Application[Any] = Application(
            layout,
            key_bindings=keys,
            style=_STYLE,
            input=self._input,
            output=self._output,
            erase_when_done=True,
        )
        app.ttimeoutlen = app.timeoutlen = _ESCAPE_SECONDS
        return app.run()


class _Choice:
    """Which option is chosen at the moment, and the keys that change it."""

    def __init__(self, question: str, why: str, options: Sequence[Option], default: str) -> None:
        self._heading = (question, why)
        self._options = options
        self._place = [option.name for option in options].index(default)
        self._typed = ""  # a key that is pasted here arrives letter by letter in some terminals

    def drawn(self) -> StyleAndTextTuples:
        parts = _heading(*self._heading)
        width = max(len(option.title) for option in self._options)
        for number, option in enumerate(self._options):
            style = "class:chosen" if number == self._place else ""
            if number == self._place:
                parts.append(("[SetCursorPosition]", ""))
            parts += _row(option, style, width, is_chosen=number == self._place)
        return [*parts, *_footer("↑↓ choose", "Enter accept", "Esc or < back", "Ctrl-C stop")]

    def keys(self) -> KeyBindings:
        keys = _leaving()
        for name, step in (("up", -1), ("down", 1), ("c-p", -1), ("c-n", 1), ("s-tab", -1), ("tab", 1)):
            keys.add(name)(partial(self._move, step))
        for name in ("left", "<"):
            keys.add(name)(_back)
        for name in ("enter", "c-j"):
            keys.add(name)(self._accept)
        keys.add(Keys.Any)(self._type)
        keys.add(Keys.BracketedPaste)(self._paste)
        return keys

    def _move(self, step: int, _: KeyPressEvent) -> None:
        self._place, self._typed = (self._place + step) % len(self._options), ""

    def _type(self, event: KeyPressEvent) -> None:
        self._typed += event.data
        letters = [option.title[:1].lower() for option in self._options]
        if event.data.isdecimal() and 0 < int(event.data) <= len(self._options):
            self._place = int(event.data) - 1
        elif event.data.lower() in letters:
            self._place = letters.index(event.data.lower())

    def _paste(self, event: KeyPressEvent) -> None:
        self._typed = event.data
        if key_in(self._typed):
            self._accept(event)

    def _accept(self, event: KeyPressEvent) -> None:
        if key := key_in(self._typed):
            event.app.exit(exception=KeyPasted(Secret(key), self._typed.strip()))
        else:
            event.app.exit(result=self._options[self._place].name)


class _Masked(Processor):
    """Shows a text as far as it may be shown."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """The same number of columns, so that the cursor stays where it is."""
        text = transformation_input.document.text
        return Transformation([("", escaped(shown_while_typed(text)))])


class _Hidden(Processor):
    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        return Transformation([("", "*" * len(transformation_input.document.text))])


def _output() -> Output:
    if sys.platform == "win32":
        from prompt_toolkit.output import create_output

        return create_output(stdout=sys.stderr)
    from prompt_toolkit.output.vt100 import Vt100_Output

    # Terminals that do not answer the question where the cursor is would be waited for.
    output = Vt100_Output.from_pty(sys.stderr)
    output.enable_cpr = False
    return output


def _back(event: KeyPressEvent) -> None:
    event.app.exit(exception=Back())


def _leaving() -> KeyBindings:
    """The keys that leave every question."""
    keys = KeyBindings()
    keys.add("escape", eager=True)(_back)

    @keys.add("c-c")
    @keys.add("<sigint>")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt())

    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=EOFError())

    return keys


def _heading(question: str, why: str, problem: str = "") -> StyleAndTextTuples:
    parts: StyleAndTextTuples = [("class:question", _lines(wrapped(question, "  ", "? ")))]
    if why:
        parts.append(("class:quiet", _lines(wrapped(why, "  "))))
    if problem:
        parts.append(("class:problem", _lines(wrapped(problem, "    ", "  ! "))))
    return parts


def _row(option: Option, style: str, width: int, *, is_chosen: bool) -> StyleAndTextTuples:
    """One option; on a narrow screen what it is about is below its title."""
    mark = "  ❯ " if is_chosen else "    "
    if columns() < _NARROW or not option.about:
        below = _lines(wrapped(option.about, "      ")) if option.about else ""
        return [(style, _lines(wrapped(option.title, "    ", mark))), ("class:quiet", below)]
    first, *rest = wrapped(option.about, " " * (width + 6))
    row: StyleAndTextTuples = [(style, f"{mark}{option.title:<{width}}  ")]
    return [*row, ("class:quiet", _lines([first.strip(), *rest]))]


def _footer(*keys: str) -> StyleAndTextTuples:
    lines = [f"  {keys[0]}"]
    for key in keys[1:]:  # a line does not break inside one
        longer = f"{lines[-1]} · {key}"
        lines[-1:] = [longer] if len(longer) < columns() else [lines[-1], f"  {key}"]
    return [("class:quiet", "\n" + "\n".join(lines))]


def _lines(parts: Sequence[str]) -> str:
    return escaped("".join(f"{part}\n" for part in parts))
