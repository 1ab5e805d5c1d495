"""FID from features and its reference files; the features are fake."""

import numpy as np
import pytest
import scipy.linalg

from crd_keras.metrics import FrechetInceptionDistance
from tests.metrics.fake_features import FakeFeatures, NaNFeatures, batches, pictures

pytestmark = pytest.mark.any_backend


def independent_fid(x, y):
    """As pytorch-fid computes it from features."""
    x, y = x.astype("float64"), y.astype("float64")
    sigma1, sigma2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = scipy.linalg.sqrtm(sigma1 @ sigma2).real
    difference = x.mean(axis=0) - y.mean(axis=0)
    return (
        difference @ difference
        + np.trace(sigma1)
        + np.trace(sigma2)
        - 2 * np.trace(root)
    )


def with_reference(count=40, seed=1, **features):
    metric = FrechetInceptionDistance(FakeFeatures(**features))
    metric.update_reference(pictures(count, seed))
    return metric


def one_line(error):
    return "\n" not in str(error.value)


@pytest.mark.parametrize("batch", [1, 7, 64])
@pytest.mark.filterwarnings("error")
def test_matches_scipy_however_it_is_streamed(batch):
    # Twelve features, which the projection of 2x2x3 means does not make singular.
    metric = FrechetInceptionDistance(FakeFeatures(12))
    generated, reference = pictures(64, 1, brightness=0.3), pictures(50, 2)
    score = metric.evaluate(batches(generated, batch), batches(reference, batch))
    expected = independent_fid(metric.features(generated), metric.features(reference))
    np.testing.assert_allclose(score, expected, rtol=1e-6)
    assert metric.results() == {"fid": score}


def test_set_with_itself_and_shifted_features():
    images = pictures(40, 1)
    metric = FrechetInceptionDistance(FakeFeatures(12))
    assert 0 <= metric.evaluate(batches(images, 8), batches(images, 9)) < 1e-10

    class Shifted(FakeFeatures):
        def __call__(self, images):
            return super().__call__(images) + 0.5

    metric.features = Shifted(12)
    score = metric.evaluate(batches(images, 8))
    np.testing.assert_allclose(score, 12 * 0.25, rtol=1e-6)


def test_fewer_images_than_features_warns_and_is_finite():
    metric = with_reference(100, size=60)
    message = r"`fid` of 60 generated images, no more than the 60 features"
    with pytest.warns(UserWarning, match=message) as warnings:
        score = metric.evaluate(batches(pictures(60, 2, brightness=0.2), 16))
    assert len(warnings) == 1 and "\n" not in str(warnings[0].message)
    assert 0 < score < np.inf
    # Asked again, it neither computes nor warns again.
    assert metric.result() == score

    metric = with_reference(10, size=60)
    with pytest.warns(UserWarning, match="of 9 generated and 10 reference images"):
        few = metric.evaluate([pictures(9, 2, brightness=0.2)])
    assert score < few < np.inf


def test_describe():
    metric = with_reference(3)
    metric.update_state(pictures(2, 2))
    assert metric.describe() == (
        "FID: fake features, 2 generated against 3 reference images of 16x16 pixels"
    )


def test_nan_features_are_refused_and_not_counted():
    metric = FrechetInceptionDistance(NaNFeatures())
    for update in (metric.update_state, metric.update_reference):
        with pytest.raises(ValueError, match="finite features.* 1 of 5 images") as e:
            update(pictures(5, 1))
        assert one_line(e)
    assert (metric.generated_count, metric.reference_count) == (0, 0)
    assert not metric.has_reference


def test_features_of_a_wrong_shape():
    class TooFew(FakeFeatures):
        def __call__(self, images):
            return super().__call__(images)[:, 1:]

    metric = FrechetInceptionDistance(TooFew(8))
    with pytest.raises(ValueError, match=r"of shape \(2, 8\)\. Received: \(2, 7\)"):
        metric.update_state(pictures(2, 1))


def test_mixed_sizes_and_single_images():
    metric = with_reference()
    with pytest.raises(ValueError, match=r"\(16, 16, 3\)\. Received: \(24, 24, 3\)"):
        metric.update_state(pictures(2, 1, size=24))
    with pytest.raises(ValueError, match="at least 2 generated images.*Received: 1"):
        metric.evaluate([pictures(1, 1)])


def test_reference_file_round_trip(tmp_path):
    path = tmp_path / "zebras.npz"
    metric = with_reference(40)
    metric.save_reference(path)
    assert [file.name for file in tmp_path.iterdir()] == ["zebras.npz"]

    loaded = FrechetInceptionDistance(FakeFeatures())
    loaded.load_reference(path)
    assert loaded.has_reference and loaded.reference_count == 40
    generated = pictures(30, 2)
    assert loaded.evaluate([generated]) == metric.evaluate([generated])
    assert "against 40 reference images of 16x16 pixels (from zebras.npz)" in (
        loaded.describe()
    )
    # As pytorch-fid reads it.
    with np.load(path) as file:
        mu, sigma = file["mu"][:], file["sigma"][:]
    features = metric.features(pictures(40, 1)).astype("float64")
    assert (mu.dtype, sigma.dtype) == ("float64", "float64")
    np.testing.assert_allclose(mu, features.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(sigma, np.cov(features, rowvar=False), rtol=1e-10)


def test_file_with_only_mu_and_sigma(tmp_path):
    """As pytorch-fid writes it."""
    path = tmp_path / "theirs.npz"
    features = FakeFeatures()(pictures(40, 1)).astype("float64")
    np.savez_compressed(path, mu=features.mean(axis=0), sigma=np.cov(features.T))
    metric = FrechetInceptionDistance(FakeFeatures())
    metric.load_reference(path)
    generated = pictures(30, 2)
    np.testing.assert_allclose(
        metric.evaluate([generated]), with_reference(40).evaluate([generated])
    )
    assert metric.reference_count is None
    assert "against an unknown number of reference images" in metric.describe()
    metric.save_reference(tmp_path / "again.npz")
    with np.load(tmp_path / "again.npz") as file:
        assert sorted(file) == ["mu", "protocol", "sigma"]


def test_loaded_reference_is_kept_and_not_added_to(tmp_path):
    path = tmp_path / "zebras.npz"
    with_reference(40).save_reference(path)
    metric = with_reference(20, seed=5)
    metric.load_reference(path)
    assert metric.reference_count == 40
    with pytest.raises(ValueError, match="reference from zebras.npz.*new metric"):
        metric.update_reference(pictures(2, 1))
    # Images of another size than the ones before: the file knows no size.
    metric.evaluate([pictures(20, 2, size=24)], None)
    metric.evaluate([pictures(20, 2, size=16)])


def test_bad_reference_files(tmp_path):
    path = tmp_path / "bad.npz"
    mu, sigma = np.zeros(16), np.eye(16)

    def refused(message):
        metric = with_reference(20)
        with pytest.raises(ValueError, match=message) as error:
            metric.load_reference(path)
        assert one_line(error) and "bad.npz" in str(error.value)
        assert metric.reference_count == 20  # What was there is still there.

    refused("existing file")
    for content, message in (
        ({"mu": mu}, "`mu` and `sigma`.*sigma"),
        ({"mu": np.zeros(8), "sigma": np.eye(8)}, r"16 features.*\(8,\) and \(8, 8\)"),
        ({"mu": mu, "sigma": np.eye(8)}, r"16 features.*\(16,\) and \(8, 8\)"),
        ({"mu": np.nan * mu, "sigma": sigma}, "finite numbers"),
        ({"mu": mu, "sigma": sigma, "count": 1}, "at least 2 images.* of 1$"),
        ({"mu": mu, "sigma": sigma, "count": [3, 4]}, "whole .npz file"),
        (
            {"mu": mu, "sigma": sigma, "protocol": "other features"},
            "of the features 'fake features'.*'other features'",
        ),
    ):
        np.savez(path, **content)
        refused(message)
    np.savez(path, mu=mu, sigma=sigma)
    path.write_bytes(path.read_bytes()[:-100])
    refused("whole .npz file")
    path.write_text("no statistics")
    refused("whole .npz file")
    with path.open("wb") as file:
        np.save(file, mu)
    refused("whole .npz file")


def test_nothing_to_save(tmp_path):
    metric = FrechetInceptionDistance(FakeFeatures())
    with pytest.raises(ValueError, match="2 reference images to save.*Received: 0"):
        metric.save_reference(tmp_path / "none.npz")
    metric.update_reference(pictures(1, 1))
    with pytest.raises(ValueError, match="2 reference images to save.*Received: 1"):
        metric.save_reference(tmp_path / "one.npz")
    metric.update_reference(pictures(1, 2))
    with pytest.raises(ValueError, match="must end in .npz. Received: .*statistics$"):
        metric.save_reference(tmp_path / "statistics")
    assert not list(tmp_path.iterdir())
