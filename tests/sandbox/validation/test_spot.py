from pprmail.sandbox.validation.spot import Spot


def test_a_path_is_spelt_from_the_root_with_dots() -> None:
    root = Spot({"a": [{"b": 1}]})

    assert root.child("a").child(0).child("b").path == "a.0.b"
    assert root.path == ""


def test_true_is_no_integer_and_one_is_no_boolean() -> None:
    truth, one = Spot(True), Spot(1)

    assert truth.expect(int) is None
    assert one.expect(bool) is None
    assert truth.objections[0].message == "Invalid type. Expected: integer, given: boolean."
    assert one.objections[0].message == "Invalid type. Expected: boolean, given: integer."


def test_an_opaque_objection_hides_the_others_however_many() -> None:
    root = Spot({})
    for _ in range(200):
        root.object_to("Something.", at="a")
    root.object_opaquely()

    assert [each.message for each in root.objections] == ["Bad Request"]
