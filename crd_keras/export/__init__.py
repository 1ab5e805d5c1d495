"""Exporting generators to other runtimes."""

from crd_keras.export.export_model import export_model, export_models, export_onnx
from crd_keras.export.options import ExportOptions

__all__ = ["ExportOptions", "export_model", "export_models", "export_onnx"]
