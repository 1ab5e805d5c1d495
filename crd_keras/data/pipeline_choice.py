"""What reads images: tf.data, or Python with Pillow and NumPy."""

import importlib.util

PIPELINES = ("tf", "python")


def choose_pipeline(pipeline: str | None) -> str:
    """The pipeline of a name.

    Args:
        pipeline: One of `PIPELINES`. `None` is "tf" where TensorFlow is installed, and
            "python" elsewhere.

    Raises:
        ValueError: If there is no pipeline of that name.
    """
    if pipeline is None:
        return "tf" if importlib.util.find_spec("tensorflow") else "python"
    if pipeline not in PIPELINES:
        raise ValueError(
            f"`pipeline` must be one of {', '.join(PIPELINES)}, or None. "
            f"Received: {pipeline!r}"
        )
    return pipeline
