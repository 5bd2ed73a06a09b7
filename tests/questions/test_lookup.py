from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from cardstatus.courier.cells import unwrap
from cardstatus.errors import UsageError
from cardstatus.questions.inputs import read_card_id


@given(st.text("aZ09-+=\"' \t\n\x1c\x85\xa0\ufeff\u200b\u2003é"))
def test_a_card_id_is_read_as_ingest_reads_it(text: str) -> None:
    with suppress(UsageError):
        assert read_card_id(text) == unwrap(text)
