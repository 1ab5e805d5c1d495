"""What cannot be had with images of any number of channels."""

from crd_keras.experiment.distillation import looks_at_features
from crd_keras.experiment.settings import Settings
from crd_keras.experiment.students import students_of
from crd_keras.utils.channels import parse_channels

# Of grey and of colour pictures.
_SEEN = (1, 3)


def check_channels(settings: Settings) -> None:
    """Checks that all that looks at images can look at such.

    Raises:
        ValueError: If `channels` are no two numbers, or a network of features or an
            augmentation knows no images of so many channels.
    """
    source, target = parse_channels(settings.channels, "--channels")
    received = f"Received: --channels={settings.channels}"
    if target not in _SEEN:
        if any(map(looks_at_features, students_of(settings).values())):
            raise ValueError(
                "`--distillation` must name neither perceptual nor omgd where target "
                "images have other than 1 or 3 channels: their network knows no such. "
                f"{received}"
            )
        if settings.metric in ("fid", "kid"):
            raise ValueError(
                "`--metric` must be swd, or for pairs mae, psnr or ssim, where target "
                "images have other than 1 or 3 channels: the network of "
                f"{settings.metric} knows no such. {received}"
            )
    if (source, target) != (3, 3) and settings.augmentation not in ("", "none"):
        raise ValueError(
            "`--augmentation` must be none for other images than those in colour. "
            f"{received}"
        )
