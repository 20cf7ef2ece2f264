"""Every family of detectors, as its exporter writes it, finds what an independent decoding of the reference finds."""

import case
import families
import family_case


class FamiliesTest(family_case.FamilyCase):
    table = families.CASES

    @classmethod
    def fill_store(cls, store):
        super().fill_store(store)
        cls.labels = case.SHAPES_STORE / "shapes/labels.txt"
        store.add("mislabelled", families.CASES["yolo_v8"].make(), labels=cls.labels)

    def test_families_are_recognised_or_the_kinds_in_question_are_told(self):
        self.check_states()

    def test_boxes_are_those_of_an_independent_decoding(self):
        self.check_boxes()

    def test_labels_that_do_not_fit_are_told(self):
        version, = self.client.get("mislabelled").versions
        lines = len(self.labels.read_text().splitlines())
        self.assertIn(f"the labels file has {lines} lines for {families.models.CLASSES} classes: ",
                      "\n".join(version.assumed))
        labelled, = self.client.get("yolo_v8").versions
        self.assertNotIn("labels file", "\n".join(labelled.assumed))

    def test_a_head_of_another_family_fails_the_load_with_what_it_reads(self):
        self.check_wrong_heads()
