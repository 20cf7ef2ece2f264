#!/usr/bin/env python3
"""Writes the files of this folder anew: small detectors of torchvision, with random weights, by torch's own exporter.

usage: make.py FOLDER      needs torch, torchvision and onnx, of which no test has a need; see README.md
"""

import collections
import pathlib
import sys
import warnings

import torch
from torch import nn
from torchvision.models import detection
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.ssd import SSD, SSDHead
from torchvision.ops import MultiScaleRoIAlign

FEATURES = 8
# With "nothing", which is class 0 where a model has it.
CLASSES = 5
SIDE = 160
ANCHORS = ((24, 40), (64, 96))
LEAST_SCORE = 0.3
# Pixels in 0 to 1 are far from a variance of 1.
STEM = ("backbone.first.0", 3.0)
# Pixels as they are, so that a black picture is one of which only the biases speak.
PLAIN = {"image_mean": [0.0] * 3, "image_std": [1.0] * 3}


class Backbone(nn.Module):
    """Two levels of features, an eighth and a sixteenth of the picture's size."""

    out_channels = FEATURES

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, FEATURES, 4, 4), nn.ReLU(), nn.Conv2d(FEATURES, FEATURES, 3, 2, 1),
                                   nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(FEATURES, FEATURES, 3, 2, 1), nn.ReLU())

    def forward(self, picture):
        first = self.first(picture)
        return collections.OrderedDict([("0", first), ("1", self.second(first))])


def seeded(model, seed, gains=()):
    """Weights that keep the variance, times the gains of the parts of names that are theirs."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, values in model.named_parameters():
            if values.ndim == 1:
                values.zero_()
                continue
            nn.init.kaiming_normal_(values)
            for part, gain in (STEM, *gains):
                if part in name:
                    values *= gain
    return model.eval()


def biased(layer, values):
    with torch.no_grad():
        layer.bias.copy_(torch.tensor(values).repeat(len(layer.bias) // len(values)))


def ssd():
    boxes = DefaultBoxGenerator([[2], [2]], scales=[0.15, 0.35, 0.6])
    model = seeded(SSD(Backbone(), boxes, (SIDE, SIDE), CLASSES, head=SSDHead([FEATURES] * 2, [4, 4], CLASSES),
                       score_thresh=LEAST_SCORE, detections_per_img=50, topk_candidates=100, **PLAIN), 5,
                   (("classification_head", 2.0),))
    for layer in model.head.classification_head.module_list:
        biased(layer, [5.0] + [0.0] * (CLASSES - 1))
    return model


def retinanet():
    model = seeded(detection.RetinaNet(Backbone(), CLASSES, min_size=SIDE, max_size=2 * SIDE, score_thresh=LEAST_SCORE,
                                       anchor_generator=AnchorGenerator(ANCHORS, ((0.5, 1.0),) * 2),
                                       detections_per_img=50, topk_candidates=100, **PLAIN), 2,
                   (("cls_logits", 2.0),))
    biased(model.head.classification_head.cls_logits, [-7.0])
    return model


def faster_rcnn(**masks):
    kind = detection.MaskRCNN if masks else detection.FasterRCNN
    model = seeded(kind(Backbone(), min_size=SIDE, max_size=SIDE, rpn_pre_nms_top_n_test=100, rpn_post_nms_top_n_test=60,
                        rpn_anchor_generator=AnchorGenerator(ANCHORS, ((0.5, 1.0),) * 2),
                        box_roi_pool=MultiScaleRoIAlign(["0", "1"], 5, 2), box_head=TwoMLPHead(FEATURES * 25, 16),
                        box_predictor=FastRCNNPredictor(16, CLASSES), box_score_thresh=LEAST_SCORE,
                        box_detections_per_img=30, **PLAIN, **masks), 10, (("cls_score", 5.0), ("bbox_pred", 0.5)))
    biased(model.roi_heads.box_predictor.cls_score, [8.0] + [0.0] * (CLASSES - 1))
    return model


def mask_rcnn():
    return faster_rcnn(mask_roi_pool=MultiScaleRoIAlign(["0", "1"], 14, 2), mask_head=MaskRCNNHeads(FEATURES, (FEATURES,), 1),
                       mask_predictor=MaskRCNNPredictor(FEATURES, FEATURES, CLASSES))


# By file: the model, the opset, the names of its outputs (none: the exporter's numbers), whether sides are open.
FILES = {
    "torchvision_ssd": (ssd, 17, None, False),
    "torchvision_retinanet": (retinanet, 11, None, True),
    "torchvision_faster_rcnn": (faster_rcnn, 17, ("boxes", "labels", "scores"), False),
    "torchvision_mask_rcnn": (mask_rcnn, 12, ("boxes", "labels", "scores", "masks"), False),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    warnings.filterwarnings("ignore")
    for name, (make, opset, outputs, has_open_sides) in FILES.items():
        picture = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
        sides = {"image": {1: "height", 2: "width"}} if has_open_sides else None
        with torch.no_grad():
            torch.onnx.export(make(), ([picture],), folder / f"{name}.onnx", dynamo=False, opset_version=opset,
                              input_names=["image"], output_names=outputs, dynamic_axes=sides)
        print(name, (folder / f"{name}.onnx").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
