"""Values are given back exactly as they were, as far back and forth as there were any."""

from workstation.case.undo import History


def test_all_is_taken_back_and_done_again() -> None:
    history = History(())
    values = [tuple(range(count)) for count in range(1, 500)]
    for value in values:
        history.put(value)
    assert not history.can_redo
    back = []
    while history.undo():
        back.append(history.value)
    assert back == [*reversed(values[:-1]), ()]
    again = []
    while history.redo():
        again.append(history.value)
    assert again == values


def test_something_new_forgets_what_was_taken_back() -> None:
    history = History("a")
    history.put("b")
    history.undo()
    history.put("c")
    assert not history.can_redo
    assert history.undo()
    assert history.value == "a"
    assert not history.undo()


def test_what_is_amended_is_no_step() -> None:
    history = History("a")
    history.put("b")
    history.amend("b, measured")
    history.undo()
    history.redo()
    assert history.value == "b, measured"
    history.undo()
    assert not history.can_undo
