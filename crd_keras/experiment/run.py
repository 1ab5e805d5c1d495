"""One experiment from its settings to its report; what the recipes share."""

import contextlib
import math

import keras
from absl import logging

from crd_keras import callbacks, data, schedules, use_devices
from crd_keras.backend import (
    check_profile_viewer,
    process_index,
    use_intra_op_threads,
)
from crd_keras.data.validation import check_image_size
from crd_keras.experiment.augmentation import make_augmentation
from crd_keras.experiment.budget import choose_student, within_budget
from crd_keras.experiment.channel_checks import check_channels
from crd_keras.experiment.metrics import make_metrics, show_reference
from crd_keras.experiment.network_scores import score_networks
from crd_keras.experiment.networks import describe_networks, make_trainer
from crd_keras.experiment.precision import in_float32, precision
from crd_keras.experiment.report import Choice, write_run_report
from crd_keras.experiment.run_folder import RunFolder, run_path
from crd_keras.experiment.settings import Settings, check_settings
from crd_keras.experiment.settings_flags import argument_as_flag
from crd_keras.experiment.source import (
    evaluation_batches,
    evaluation_images,
    is_paired,
    make_source,
    picture_record,
)
from crd_keras.experiment.stop_on_signal import StopOnSignal
from crd_keras.experiment.student_sizes import student_sizes, write_sizes
from crd_keras.experiment.students import is_family
from crd_keras.models.picture_record import write_picture_record
from crd_keras.utils.files import atomic_path
from crd_keras.utils.full_disk import naming_full_disk
from crd_keras.utils.interruption import Interruption

_ADVICE = (
    "Try, in a new --output_dir, a lower --learning_rate, smaller weights of the "
    "losses (such as --relation_weight and --style_weight), or --precision=float32."
)

# Rows of the picture that is written every few epochs.
_GRID_ROWS = 6


def run(name: str, preset: str, settings: Settings) -> None:
    """Trains, evaluates and reports.

    Args:
        name: Name of the recipe.
        preset: Name of the preset, for the report.
        settings: What to do.

    Raises:
        SystemExit: If the settings, the data or the weights are wrong: with one line
            that says so, before any training. Likewise if a file cannot be written, at
            any time: `--resume` goes on when it can. With one line as well at SIGINT
            and SIGTERM.
    """
    with (
        Interruption(lambda: _stopped_early(settings)) as interruption,
        contextlib.ExitStack() as held,
    ):
        try:
            with naming_full_disk(settings.output_dir or "runs"):
                _run(name, preset, settings, interruption, held)
        except FloatingPointError as error:
            raise SystemExit(f"{name}: {error}") from error
        except OSError as error:
            raise SystemExit(
                f"{name}: {error}. Pass --resume to go on once it can be written."
            ) from error


def _run(name, preset, settings, interruption, held):
    try:
        _check(settings)
        use_intra_op_threads(settings.intra_op_threads)
        placement = use_devices(settings.devices)
        output_dir = run_path(name, preset, settings)
        if process_index() > 0:
            # Each process resumes by itself. The run is what the first one leaves.
            output_dir += f"-process{process_index()}"
        folder = held.enter_context(RunFolder(output_dir, settings))
        checkpoint = folder.open_checkpoint()
        keras.utils.set_random_seed(settings.seed)
        augmentation = make_augmentation(settings)
        with placement, precision(settings.precision):
            trainer = make_trainer(settings)
        source = make_source(settings)
        metrics = make_metrics(settings, has_targets=source.targets is not None)
        folder.check_images(source)
        dataset = data.paired_dataset if is_paired(settings) else data.unpaired_dataset
        pairs = dataset(
            source,
            image_size=settings.image_size,
            batch_size=settings.batch_size,
            seed=settings.seed,
            first_epoch=checkpoint.first_epoch(),
            cache_mebibytes=settings.cache_mebibytes,
            image_augmentation=augmentation,
            pipeline=settings.pipeline,
            framing=settings.framing,
        )
        show_reference(metrics, source, settings)
        sizes = student_sizes(
            {name: student.network for name, student in trainer.students.items()},
            settings,
            folder.sizes,
        )
        allowed = within_budget(sizes, settings)
    except (ImportError, OSError, ValueError) as error:
        raise SystemExit(f"{name}: {argument_as_flag(str(error))}") from error

    record = folder.write_record(
        {
            "recipe": name,
            "preset": preset,
            "data": source.label,
            **describe_networks(settings),
        }
    )
    write_sizes(sizes, folder.sizes)
    interruption.describe = lambda: "Stopped before the training; --resume goes on"
    folder.results.unlink(missing_ok=True)
    _train(
        trainer,
        pairs,
        source,
        metrics[0],
        folder,
        settings,
        checkpoint,
        interruption,
    )
    interruption.describe = lambda: "Stopped in the evaluation; --resume goes on"
    students = {k: in_float32(x.best_network) for k, x in trainer.students.items()}
    networks, files = dict(students), {}
    teacher = trainer.distilled_from()
    if teacher is not None:  # Not stored images.
        files[folder.teacher] = in_float32(teacher)
        networks = {"teacher": files[folder.teacher], **students}
    if is_family(settings):
        folder.students.mkdir(exist_ok=True)
        files |= {folder.students / f"{k}.keras": x for k, x in students.items()}
    for path, network in files.items():
        _save(network, path, settings)
    with atomic_path(folder.discriminator) as path:
        in_float32(trainer.teacher.discriminator).save(path)
    scores = score_networks(networks, source, settings, metrics)
    best = choose_student(scores.of(metrics[0]), allowed, metrics[0])
    _save(students[best], folder.student, settings)
    choice = Choice(best, sizes, allowed)
    write_run_report(folder, record, trainer, scores, choice, metrics)
    print(f"Report: {folder.report}")


def _save(network, path, settings):
    with atomic_path(path) as temporary:
        network.save(temporary)
        write_picture_record(temporary, picture_record(settings))


def _stopped_early(settings):
    stopped = "Stopped before the training began"
    return f"{stopped}; --resume goes on" if settings.resume else stopped


def _check(settings):
    check_settings(settings)
    check_channels(settings)
    check_image_size(settings.image_size)
    if settings.batch_size % settings.devices:
        raise ValueError(
            "`--batch_size` must be divisible by `--devices`: each takes its part. "
            f"Received: {settings.batch_size} for {settings.devices} devices"
        )
    if settings.profile:
        check_profile_viewer()


def _train(trainer, pairs, source, metric, folder, settings, checkpoint, interruption):
    steps = len(pairs)
    rates = schedules.learning_rates(
        trainer.schedule,
        settings.learning_rate,
        settings.epochs,
        settings.decay_epochs,
        steps,
        settings.discriminator_regime,
    )
    evaluation = (
        metric,
        evaluation_batches(source.split("testA"), settings),
        evaluation_batches(source.split(settings.reference_split), settings),
    )
    with trainer.building_scope():
        trainer.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates))
    epochs = settings.epochs
    if settings.max_steps is not None:
        epochs = min(epochs, math.ceil(settings.max_steps / steps))
        stored = checkpoint.newest()
        if stored and stored.epoch * steps + stored.step >= settings.max_steps:
            epochs = stored.epoch  # They have been taken.
    if checkpoint.first_epoch() >= epochs:
        logging.info("All %d epochs are done already.", epochs)
    trainer.fit(
        pairs,
        epochs=epochs,
        shuffle=False,  # The pipeline has done so.
        verbose=0,
        callbacks=[
            callbacks.Progress(),
            callbacks.StopAfter(settings.max_steps),
            *([callbacks.Profile(folder.profile)] if settings.profile else []),
            # Before those that would keep or write what is not finite.
            callbacks.TerminateOnNonFinite(_ADVICE),
            callbacks.BestTeacher(*evaluation, every=settings.evaluate_every),
            callbacks.BestStudent(*evaluation, every=settings.evaluate_every),
            callbacks.ImageGrid(
                evaluation_images(source.split("testA"), settings, _GRID_ROWS),
                folder.grids,
                every=settings.grid_every,
            ),
            callbacks.CSVLogger(folder.metrics, checkpoint),
            callbacks.TensorBoard(folder.tensorboard, checkpoint),
            # So late that a checkpoint holds what the others have done.
            checkpoint,
            StopOnSignal(interruption, checkpoint),
        ],
    )
