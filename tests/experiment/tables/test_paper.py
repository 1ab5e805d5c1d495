"""The paper's numbers, against another copy of its tables."""

import re

import pytest

from crd_keras.experiment.tables.paper import PAPER_ROWS
from crd_keras.experiment.tables.rows import TITLES, make_table

pytestmark = pytest.mark.any_backend

# Tables 1 to 9 of arXiv:2212.11091 as it prints them: data set, method, MACs and
# parameters with their ratios, FID, difference; or data set, row, FID.
COPY = """
| horse2zebra | Original [50] | 56.80G(1.0x) | 11.30M(1.0x) | 61.53 | - |
| horse2zebra | Co-Evolution [37] | 13.40G(4.2x) | - | 96.15 | -34.62 |
| horse2zebra | GAN-Slimming [41] | 11.25G(23.6x) | - | 86.09 | -24.56 |
| horse2zebra | AutoGAN-Distiller [10] | 6.39G(8.9x) | - | 83.60 | -22.07 |
| horse2zebra | Wavelet KD [48] | 1.68G(33.8x) | 0.72M(15.81x) | 77.04 | -15.51 |
| horse2zebra | GAN-Compression [27] | 2.67G(21.3x) | 0.34M(33.2x) | 64.95 | -3.42 |
| horse2zebra | Semantic Contrastive Learning [24] | 2.962G(19.17x) | 0.41M(27.5x) \
 | 64.64 | -3.11 |
| horse2zebra | DMAD [28] | 2.41G(23.6x) | 0.28M(40.0x) | 62.96 | -1.43 |
| horse2zebra | CAT [22] | 2.55G(22.3x) | - | 60.18 | 1.35 |
| horse2zebra | GCC [29] | 2.40G(23.6x) | - | 59.31 | 2.22 |
| horse2zebra | OMGD [35] | 1.408G(40.3x) | 0.137M(82.5x) | 51.92 | 9.61 |
| horse2zebra | CRD (Ours) | 1.408G(40.3x) | 0.137M(82.5x) | 46.61 | 14.92 |
| summer2winter | Original [50] | 56.80G(1.0x) | 11.30M(1.0x) | 79.12 | - |
| summer2winter | Co-Evolution [37] | 11.10G(5.1x) | - | 78.58 | 0.54 |
| summer2winter | AutoGAN-Distiller [10] | 4.34G(13.1x) | - | 78.33 | 0.79 |
| summer2winter | DMAD [28] | 3.18G(17.9x) | 0.30M(37.7x) | 78.24 | 0.88 |
| summer2winter | OMGD [35] | 1.408G(40.3x) | 0.137M(82.5x) | 73.79 | 5.33 |
| summer2winter | CRD (Ours) | 1.408G(40.3x) | 0.137M(82.5x) | 73.57 | 5.55 |

| edges2shoes | Original [20] | 18.60G(1.0x) | 54.40M(1.0x) | 34.31 | - |
| edges2shoes | Wavelet KD [48] | 1.56G(11.92x) | 13.61M(4.00x) | 80.13 | -45.82 |
| edges2shoes | DMAD [28] | 2.99G(6.2x) | 2.13M(25.5x) | 46.95 | -12.64 |
| edges2shoes | OMGD [35] | 1.219G(15.3x) | 3.404M(16.0x) | 25.00 | 9.41 |
| edges2shoes | CRD (Ours) | 1.219G(15.3x) | 3.404M(16.0x) | 24.35 | 9.96 |

| horse2zebra | Baseline (w/o KD) | 96.72 |
| horse2zebra | Instance level (batch size 4) | 63.93 |
| horse2zebra | Instance level (batch size 8) | 67.98 |
| horse2zebra | Ours | 46.61 |

| horse2zebra | Baseline (w/o KD) | 96.72 |
| horse2zebra | Ours w/o Patch | 49.08 |
| horse2zebra | Ours w/o Row | 55.35 |
| horse2zebra | Ours w/o Column | 48.93 |
| horse2zebra | Ours | 46.61 |

| horse2zebra | Baseline (w/o KD) | 96.72 |
| horse2zebra | Patch size 16x16 | 55.39 |
| horse2zebra | Patch size 64x64 | 60.91 |
| horse2zebra | Ours (patch size 32x32) | 46.61 |

| horse2zebra | Pre-trained (freezing) | 69.48 |
| horse2zebra | Pre-trained (updating) | 70.41 |
| horse2zebra | Online (w/o discriminator) | 62.75 |
| horse2zebra | Online (always updating) | 58.02 |
| horse2zebra | Our online (updating-freezing) | 46.61 |

| horse2zebra | 10 | 68.25 |
| horse2zebra | 50 | 58.11 |
| horse2zebra | Ours (25) | 46.61 |

| horse2zebra | 0.5 | 58.67 |
| horse2zebra | 1 | 52.63 |
| horse2zebra | Ours (2) | 46.61 |

| horse2zebra | 2 | 57.60 |
| horse2zebra | 3 | 58.35 |
| horse2zebra | Ours (1) | 46.61 |
"""


def copied_rows(number):
    """Data set, method and the numbers of each row: `None` where there is none."""
    tables = COPY.replace("\\\n", "").strip().split("\n\n")
    for line in tables[number - 1].splitlines():
        dataset, method, *cells = (x.strip() for x in line.strip("|").split("|"))
        numbers = []
        for cell in cells:
            if with_ratio := re.fullmatch(r"([\d.]+)[GM]\(([\d.]+)x\)", cell):
                numbers += map(float, with_ratio.groups())
            elif cell == "-":
                # The last column has no ratio.
                numbers += [None] if len(numbers) == 5 else [None, None]
            else:
                numbers.append(float(cell))
        yield dataset, re.sub(r" \[\d+\]", "", method), *numbers


@pytest.mark.parametrize("number", TITLES)
def test_numbers_are_the_papers(number):
    names = (
        "macs",
        "macs_ratio",
        "parameters",
        "parameters_ratio",
        "fid",
        "difference",
    )
    received = []
    for row in make_table(number, "paper").rows:
        numbers = [getattr(row.paper, name) for name in names]
        if number > 2:
            assert numbers == [None] * 4 + [row.paper.fid, None]
            numbers = [row.paper.fid]
        received.append((row.paper.dataset, row.paper.method, *numbers))
    assert received == list(copied_rows(number))


def test_rows_whose_numbers_disagree_have_a_footnote():
    disagreeing, noted = [], []
    for rows in (PAPER_ROWS[1], PAPER_ROWS[2]):
        for row in rows:
            original = next(x for x in rows if x.dataset == row.dataset)
            fits = [row.macs * row.macs_ratio == pytest.approx(original.macs, rel=0.02)]
            if row.parameters is not None:
                # The ratios are those of 11.38 M, which the network has.
                size = row.parameters * row.parameters_ratio
                fits.append(size == pytest.approx(original.parameters, rel=0.02))
            if row is not original:
                difference = original.fid - row.fid
                fits.append(row.difference == pytest.approx(difference, abs=0.001))
            name = (row.dataset, row.method)
            disagreeing += [name] * (not all(fits))
            noted += [name] * (row.footnote is not None)
    assert (
        disagreeing
        == noted
        == [
            ("horse2zebra", "GAN-Slimming"),
            ("edges2shoes", "OMGD"),
        ]
    )
