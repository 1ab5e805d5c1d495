"""Reading `metrics.csv`, the logs of a training."""

import csv
import math
import os

import numpy as np


def read_metrics(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads what `crd_keras.callbacks.CSVLogger` or Keras' wrote.

    Args:
        path: A CSV file with a column `epoch`, counted from 0.

    Returns:
        Columns by name, float64, all as long as `epoch`, which comes first and
        rises. What is empty or no number is NaN. Of an epoch that was logged
        twice, as after a resume, the later row counts; a row that was cut off is
        filled up with NaN.

    Raises:
        ValueError: If there is no column `epoch`.
    """
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, restkey="")
        names = reader.fieldnames or ()
        if "epoch" not in names:
            raise ValueError(
                f"`{path}` must have a column 'epoch'. Received: {reader.fieldnames}"
            )
        rows = {}
        for row in reader:
            epoch = _number(row["epoch"])
            if math.isfinite(epoch):
                rows[epoch] = [_number(row[name]) for name in names]
    table = np.array([rows[epoch] for epoch in sorted(rows)], dtype="float64")
    table = table.reshape(-1, len(names))
    columns = dict(zip(names, table.T, strict=True))
    return {"epoch": columns.pop("epoch"), **columns}


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
