import numpy as np
import pytest

from crd_keras.data import (
    PairedSource,
    SampleSource,
    held_out_source,
    paired_sample_source,
    sample_source,
)

pytestmark = pytest.mark.any_backend


def test_last_training_images_become_the_test_images():
    source = paired_sample_source(16, train=5, test=2)
    held_out = held_out_source(source, 2)
    assert isinstance(held_out, PairedSource)
    for domain in "AB":
        before = source.split(f"train{domain}").records
        after = [
            held_out.split(f"{part}{domain}").records for part in ("train", "test")
        ]
        assert [len(records) for records in after] == [3, 2]
        np.testing.assert_array_equal(np.concatenate(after), before)
    np.testing.assert_array_equal(
        held_out.targets.records, source.split("trainB").records[3:]
    )
    assert "the last 2 training images held out" in held_out.label


def test_unpaired_images_have_no_targets():
    source = held_out_source(sample_source(16, train=5, test=2), 2)
    assert not isinstance(source, SampleSource) and source.targets is None


@pytest.mark.parametrize("count", [0, 5])
def test_counts_that_leave_nothing(count):
    source = sample_source(16, train=5, test=2)
    with pytest.raises(ValueError, match=f"`count` must be from 1 to 4.*: {count}"):
        held_out_source(source, count)
