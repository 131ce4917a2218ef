"""Command sets and association requests: what is written is read back, by pynetdicom too; nonsense is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ

from workstation.network import association, command
from workstation.network.association import Agreed, Answer, Proposal, Request
from workstation.network.command import C_STORE, SUCCESS, WITH_DATA

REQUEST = Request(
    "CALLED",
    "CALLING",
    (Proposal(1, "1.2.840.10008.1.1", ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")), Proposal(3, "1.2.3", ("1.2",))),
    roles={"1.2.3": (False, True)},
)
ANSWER = Answer(
    "CALLED", "CALLING", (Agreed(1, 0, "1.2.840.10008.1.2"), Agreed(3, 4, "1.2")), 32768, {"1.2.3": (False, True)}
)


def pdu(kind: int, body: bytes) -> bytes:
    return bytes((kind, 0)) + len(body).to_bytes(4, "big") + body


def test_pynetdicom_reads_our_request_as_it_was_meant() -> None:
    read = A_ASSOCIATE_RQ()
    read.decode(pdu(1, association.encode_request(REQUEST)))
    primitive = read.to_primitive()
    assert (primitive.called_ae_title, primitive.calling_ae_title) == ("CALLED", "CALLING")
    contexts = primitive.presentation_context_definition_list
    assert [(each.context_id, each.abstract_syntax) for each in contexts] == [
        (1, UID("1.2.840.10008.1.1")),
        (3, "1.2.3"),
    ]
    assert contexts[0].transfer_syntax == ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"]
    assert read.user_information.maximum_length == association.MOST_PDU_BYTES
    (role,) = read.user_information.role_selection.values()
    assert (role.sop_class_uid, role.scu_role, role.scp_role) == ("1.2.3", False, True)


def test_pynetdicom_reads_our_answer_as_it_was_meant() -> None:
    read = A_ASSOCIATE_AC()
    read.decode(pdu(2, association.encode_answer(ANSWER)))
    contexts = read.to_primitive().presentation_context_definition_results_list
    assert [(each.context_id, each.result) for each in contexts] == [(1, 0), (3, 4)]


def test_what_is_written_is_read_back() -> None:
    assert association.decode_request(association.encode_request(REQUEST)) == REQUEST
    assert association.decode_answer(association.encode_answer(ANSWER)) == ANSWER
    values: command.Command = {
        "AffectedSOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "CommandField": C_STORE,
        "MessageID": 7,
        "CommandDataSetType": WITH_DATA,
        "AffectedSOPInstanceUID": "1.2.3",
        "MoveDestination": "ODD",
    }
    assert command.decode(command.encode(values)) == values
    assert command.response(values, SUCCESS)["MessageIDBeingRespondedTo"] == 7


def test_no_more_contexts_than_there_are_numbers_for() -> None:
    asked = association.numbered([(f"1.2.{number}", ("1.2",)) for number in range(200)])
    assert [each.context_id for each in asked] == list(range(1, 256, 2))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_spoiled_bytes_are_refused_or_read_and_never_anything_else(noise: bytes, at: int, bite: bytes) -> None:
    whole = (association.encode_request(REQUEST), association.encode_answer(ANSWER))
    spoiled = [each[:at] + bite + each[at + len(bite) :] for each in whole]
    for read, data in (
        (association.decode_request, noise),
        (association.decode_request, spoiled[0]),
        (association.decode_answer, spoiled[1]),
        (command.decode, noise),
    ):
        try:
            read(data)
        except ValueError:
            continue


@pytest.mark.parametrize(
    "data", [b"", b"\0\0", b"\0\0\0\0\4\0\0\0\0\0\0\0", b"\0\0\0\1\xff\xff\xff\xff", b"\2\0\0\0\0\0\0\0"]
)
def test_what_is_no_command_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="command"):
        command.decode(data)
