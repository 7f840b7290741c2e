"""A text that cannot hold a placeholder is told quickly, and never wrongly."""

from hypothesis import given
from hypothesis import strategies as st

from assaybook.intake.prose import PLACEHOLDER, can_hold_placeholder

PIECES = st.sampled_from(
    [
        *("users ", "should be made aware of the risks, biases and limitations of the model."),
        *(
            "Carbon emissions can be estimated using the [Machine Learning Impact calculator]",
            "ToDo",
        ),
        *("{{ owner }}", "{% if a %}", "[More Information Needed]", "needs more information"),
        *(
            "to be ",
            "is",
            "still ",
            "_",
            "(",
            "[",
            "<",
            ":",
            "\n",
            " ",
            "\u00a0",
            "\u0131",
            "\u0130",
            "\u017f",
        ),
        *("to be defined", "To Be Added.", "to be filled in", "yet to be written", "TODO", "todo:"),
        *("TBD", "tba: ", "fixme:", "t. b. d.", "t.b.a", "t.\u3000b. c", "lorem ipsum", "later"),
        *("[your name]", "[add it](", "<insert>", "[describe the data]", "FiXME", "a word", ")"),
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_text_is_read_the_same_whether_it_is_asked_first_if_it_can_hold_a_placeholder(
    text: str,
) -> None:
    found = any(PLACEHOLDER.search(line) for line in text.split("\n"))
    assert can_hold_placeholder(text) or not found
