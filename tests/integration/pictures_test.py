"""dnnctl draws what the daemon found: overlays of real photographs, as files."""

import io
import json
import pathlib
import tempfile

import case
import numpy
from overlays import class_color, is_color
from PIL import Image, ImageOps

# Two JPEG decoders round differently.
DECODER_TOLERANCE = 4
# Of a box's outline; labels and other boxes lie over the rest, and nothing else does.
VISIBLE, COVERED = 0.3, 0.75


def opened(path):
    with Image.open(path) as picture:
        assert picture.format == "PNG", path
        return numpy.asarray(picture.convert("RGB")).astype(int)


class PicturesTest(case.DaemonCase):
    @classmethod
    def fill_store(cls, store):
        data = case.test_data()
        cls.images = data / "images"
        for name, labels in (("yolox_nano", "coco80.txt"), ("yunet_n_320_320", None)):
            store.add(name, data / "models" / name / "model.onnx", labels=labels and data / "labels" / labels)
        store.add("deeplabv3_mnv2_dm05_257", data / "models/deeplabv3_mnv2_dm05_257/model.onnx",
                  config="preprocess { scale: 0.0078431373 mean: 1 }", labels=data / "labels/voc21.txt")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dnnd-pictures-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def dnnctl(self, *arguments):
        return json.loads(self.daemon.dnnctl(*map(str, arguments)))["results"]

    def original(self, path):
        with Image.open(path) as picture:
            return numpy.asarray(ImageOps.exif_transpose(picture).convert("RGB")).astype(int)

    def check_boxes(self, overlay, result):
        self.assertEqual((result["height"], result["width"]), overlay.shape[:2])
        self.assertTrue(result["detections"])
        colors = [class_color(found["category"]["index"]) for found in result["detections"]]
        for found in result["detections"]:
            left, top, right, bottom = (round(found["box"][edge]) for edge in ("x_min", "y_min", "x_max", "y_max"))
            outline = numpy.concatenate([overlay[bottom - 1, left:right], overlay[top:bottom, left],
                                         overlay[top:bottom, right - 1]])
            self.assertGreaterEqual(is_color(outline, class_color(found["category"]["index"])).mean(), VISIBLE, found)
            drawn = numpy.any([is_color(outline, color) for color in colors], axis=0)
            self.assertGreaterEqual(drawn.mean(), COVERED, found)

    def test_boxes_are_drawn_where_they_are(self):
        for name in ("test_object_detection_0.jpg", "coco.jpg", "zebra.jpeg"):
            with self.subTest(name):
                saved = self.folder / "boxes.png"
                result, = self.dnnctl("detect", "yolox_nano", self.images / name, "-s", 0.4, "--save", saved)
                overlay = opened(saved)
                self.check_boxes(overlay, result)
                # Outlines are thin: what is drawn leaves most of the picture as it was.
                same = numpy.abs(overlay - self.original(self.images / name)).max(-1) <= DECODER_TOLERANCE
                self.assertGreater(same.mean(), 0.8)

    def test_landmarks_are_drawn_where_they_are(self):
        saved = self.folder / "faces.png"
        result, = self.dnnctl("detect", "yunet_n_320_320", self.images / "people2.jpeg", "-s", 0.6, "--save", saved)
        overlay = opened(saved)
        self.assertEqual(2, len(result["detections"]))
        for face in result["detections"]:
            self.assertEqual(5, len(face["keypoints"]))
            for number, point in enumerate(face["keypoints"]):
                self.assertTrue(is_color(overlay[int(point["y"]), int(point["x"])], class_color(number)))

    def test_a_turned_picture_is_drawn_upright(self):
        with Image.open(self.images / "zebra.jpeg") as picture:
            exif = picture.getexif()
            exif[0x0112] = 6  # turn a quarter clockwise
            file = io.BytesIO()
            picture.rotate(90, expand=True).save(file, "JPEG", quality=95, exif=exif)
        turned = self.folder / "turned.jpg"
        turned.write_bytes(file.getvalue())
        saved = self.folder / "boxes.png"
        result, = self.dnnctl("detect", "yolox_nano", turned, "--save", saved)
        self.assertEqual((336, 224), (result["width"], result["height"]))
        self.check_boxes(opened(saved), result)

    def test_labels_choose_what_is_drawn(self):
        saved = self.folder / "dogs.png"
        result, = self.dnnctl("detect", "yolox_nano", self.images / "test_object_detection_0.jpg", "--classes", "dog",
                              "--save", saved)
        self.assertEqual({"dog"}, {found["category"]["label"] for found in result["detections"]})
        overlay = opened(saved)
        self.check_boxes(overlay, result)
        self.assertFalse(is_color(overlay, class_color(2)).any(), "a car")

    def test_masks_are_drawn_over_their_pixels(self):
        names = ("persons.jpg", "kitten.jpg")
        overlays, masks = self.folder / "overlays", self.folder / "masks"
        results = self.dnnctl("segment", "deeplabv3_mnv2_dm05_257", *(self.images / name for name in names), "--save",
                              overlays, "--mask", masks, "--confidence", masks)
        for name, result in zip(names, results, strict=True):
            with self.subTest(name):
                stem = name.partition(".")[0]
                overlay, original = opened(overlays / f"{stem}.png"), self.original(self.images / name)
                height, width = original.shape[:2]
                self.assertGreater(len(overlay), height, "no legend")
                mask = numpy.asarray(Image.open(masks / f"{stem}.mask.png"))
                self.assertEqual((height, width), mask.shape)
                self.assertEqual((width, height), Image.open(masks / f"{stem}.confidence.png").size)
                overlay = overlay[:height, :width]
                inside = numpy.ones_like(mask, bool)
                for axis in (0, 1):
                    for step in (1, -1):
                        inside &= numpy.roll(mask, step, axis) == mask
                area = next(area for area in result["areas"] if area["category"]["index"] != 0)
                there = inside & (mask == area["category"]["index"])
                mixed = (original * 127 + class_color(area["category"]["index"]) * 128) / 255
                self.assertLess(numpy.abs(overlay - mixed)[there].max(), DECODER_TOLERANCE)
                self.assertLess(numpy.abs(overlay - original)[mask == 0].max(), DECODER_TOLERANCE)
