"""A TensorFlow Datasets builder of the data sets that pix2pix was published with.

One of them also as it was redistributed with GAN Compression (arXiv:2003.08936).

TensorFlow Datasets has none. Importing this file registers the builder:
`tfds.load("pix2pix/facades")`. It is imported when a data set is asked for, and not
before, since it needs TensorFlow.
"""

import dataclasses

import tensorflow_datasets as tfds

_PIX2PIX = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/{}.tar.gz"

# GAN Compression's division of the pictures: 2,048 are for validation, where pix2pix
# has 200. Programs of later distillers, CRD's among them, measure FID on these.
_REDISTRIBUTED = (
    "https://huggingface.co/mit-han-lab/gan-compression/resolve/main/datasets/{}.tar.gz"
)

_SHOES = ("edges", "photographs of shoes", ("train", "val"))

# Address; what is on the left (A) and on the right (B); the folders of the archive.
_DATA_SETS = {
    "edges2shoes": (_PIX2PIX, *_SHOES),
    "edges2shoes-r": (_REDISTRIBUTED, *_SHOES),
    "edges2handbags": (
        _PIX2PIX,
        "edges",
        "photographs of handbags",
        ("train", "val"),
    ),
    "facades": (
        _PIX2PIX,
        "photographs of facades",
        "their labels",
        ("train", "val", "test"),
    ),
    "maps": (_PIX2PIX, "aerial photographs", "maps", ("train", "val")),
    "cityscapes": (
        _PIX2PIX,
        "photographs of streets",
        "their labels",
        ("train", "val"),
    ),
}


@dataclasses.dataclass(eq=False, kw_only=True)
class Pix2pixConfig(tfds.core.BuilderConfig):
    """One of the data sets.

    Args:
        archive_url: Its address.
        splits: The folders in the archive, which are the splits.
    """

    archive_url: str
    splits: tuple[str, ...]


class Pix2pix(tfds.core.GeneratorBasedBuilder):
    """Pairs of images A and B, side by side in one picture as they were published.

    The pictures are stored as they are, since encoding their halves anew would lose
    quality or take several times the space. Each set is for research as its own
    licence says; that of cityscapes is at https://www.cityscapes-dataset.com/license.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The published archives."}
    BUILDER_CONFIGS = [
        Pix2pixConfig(
            name=name,
            description=f"A, on the left: {a}. B, on the right: {b}.",
            archive_url=address.format(name),
            splits=splits,
        )
        for name, (address, a, b, splits) in _DATA_SETS.items()
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        return self.dataset_info_from_configs(
            description="Pairs of images side by side, as published with pix2pix.",
            features=tfds.features.FeaturesDict(
                {
                    "pair": tfds.features.Image(
                        shape=(None, None, 3),
                        encoding_format="jpeg",
                        doc="A on the left, B on the right.",
                    ),
                    "name": tfds.features.Text(doc="Name of the file."),
                }
            ),
            homepage="https://phillipi.github.io/pix2pix/",
            citation="""\
@inproceedings{isola2017image,
  title={Image-to-Image Translation with Conditional Adversarial Networks},
  author={Isola, Phillip and Zhu, Jun-Yan and Zhou, Tinghui and Efros, Alexei A.},
  booktitle={CVPR},
  year={2017}
}""",
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        archive = dl_manager.download_and_extract(self.builder_config.archive_url)
        return {
            split: self._generate_examples(archive / self.builder_config.name / split)
            for split in self.builder_config.splits
        }

    def _generate_examples(self, folder):
        for path in folder.glob("*.jpg"):
            yield path.name, {"pair": path, "name": path.name}
