"""How good generated images are, in one number."""

from crd_keras.data.sample.score import GroundTruthScore, ground_truth_score
from crd_keras.metrics.efficientnet_lite_features import EfficientNetLiteFeatures
from crd_keras.metrics.evaluate_all import evaluate_all
from crd_keras.metrics.feature_set_metric import FeatureSetMetric
from crd_keras.metrics.features import FeatureExtractor, InceptionFeatures
from crd_keras.metrics.fid import FrechetInceptionDistance
from crd_keras.metrics.image_metric import ImageMetric
from crd_keras.metrics.image_set_metric import ImageSetMetric
from crd_keras.metrics.kid import KernelInceptionDistance
from crd_keras.metrics.lookup import get_metric
from crd_keras.metrics.mae import PairedMAE
from crd_keras.metrics.paired_metric import PairedMetric
from crd_keras.metrics.psnr import PSNR
from crd_keras.metrics.sliced_wasserstein import SlicedWasserstein
from crd_keras.metrics.ssim import SSIM
from crd_keras.metrics.vgg_distance import VGGDistance

__all__ = [
    "EfficientNetLiteFeatures",
    "FeatureExtractor",
    "FeatureSetMetric",
    "FrechetInceptionDistance",
    "GroundTruthScore",
    "ImageMetric",
    "ImageSetMetric",
    "InceptionFeatures",
    "KernelInceptionDistance",
    "PSNR",
    "PairedMAE",
    "PairedMetric",
    "SSIM",
    "SlicedWasserstein",
    "VGGDistance",
    "evaluate_all",
    "get_metric",
    "ground_truth_score",
]
