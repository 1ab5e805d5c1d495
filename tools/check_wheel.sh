#!/usr/bin/env bash
# Builds a wheel, installs it in a virtual environment of its own and runs each command
# there, in a folder that is not the clone. Other packages are those of the test set-up:
#
#     bash tools/check_wheel.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/venv.sh"
use_venv test

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
# From a copy: a build leaves folders behind.
git -C "$root" archive HEAD | tar -x -C "$(mkdir -p "$folder/source" && echo "$folder/source")"
python -m build --no-isolation --outdir "$folder/dist" "$folder/source" > "$folder/build.log" 2>&1 ||
    { tail -n 20 "$folder/build.log" >&2; exit 1; }
twine check --strict "$folder"/dist/*

python -m venv "$folder/venv"
# After the wheel's own files: the packages that it needs, but not the clone.
python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
    > "$("$folder/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/test-packages.pth"
"$folder/venv/bin/python" -m pip install --quiet --no-deps "$folder"/dist/*.whl
export PATH="$folder/venv/bin:$PATH" KERAS_BACKEND=tensorflow
mkdir "$folder/work" && cd "$folder/work"
test -f "$(python -c 'import crd_keras; print(crd_keras.__path__[0])')/py.typed"

crd --help > help.txt
crd train horse2zebra --preset=quick --max_steps=4 --image_size=16 --blocks=1 \
    --teacher_filters=4 --student_filters=2 --discriminator_filters=4 \
    --discriminator_layers=1 --patch_size=8 --vgg_weights=none --output_dir=run
python - << 'PROGRAM'
import pathlib
import numpy as np
from PIL import Image
pathlib.Path("images").mkdir()
for i, image in enumerate(np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), "uint8")):
    Image.fromarray(image).save(f"images/{i}.png")
PROGRAM
# The other commands in one process: each alone would import Keras for seconds.
cat > commands.py << 'PROGRAM'
import sys
from crd_keras_command import main
# Not in the processes that `crd complexity` starts, which import this file.
if __name__ == "__main__":
    for line in sys.stdin:
        try:
            main(line.split())
        except SystemExit as end:
            if end.code:
                raise
PROGRAM
cat > commands.txt << 'COMMANDS'
translate --model=run/student.keras --input=images --output=translated
evaluate --images=translated --reference=images --metrics=swd,psnr
export --model=run --format=tf_saved_model,litert,onnx --quantization=float32 --count=2 --repeats=1 --output_dir=exported
complexity run/student.keras --repeats=1
convert --input=run/student.keras --output=student.safetensors
COMMANDS
if command -v npm > /dev/null; then
    echo "web --model=run --output_dir=web" >> commands.txt
fi
python commands.py < commands.txt
cat > program.py << 'PROGRAM'
"""What a user writes, for mypy."""

import keras
import numpy as np
from crd_keras import CRDTrainer, gans, losses, models, translate

teacher = gans.CycleGAN(
    generator=models.mobile_resnet_generator(filters=8, blocks=1),
    inverse_generator=models.mobile_resnet_generator(filters=8, blocks=1),
    discriminator=models.patch_discriminator(filters=8, layers=1),
    inverse_discriminator=models.patch_discriminator(filters=8, layers=1),
)
student: keras.Model = models.mobile_resnet_generator(filters=2, blocks=1)
relation = losses.ContentRelationLoss(contents=("row", "column"))
trainer = CRDTrainer(teacher, student, distillation_losses={"relation": relation})
trainer.compile()
images = np.zeros((4, 16, 16, 3), "float32")
trainer.fit(images, images, epochs=1)
translated: np.ndarray = translate(trainer.student, images)
trainer.export("student.onnx", format="onnx")
PROGRAM
# Keras itself comes without types in some releases.
mypy --strict --follow-imports=silent --disable-error-code=import-untyped --python-executable="$folder/venv/bin/python" program.py
echo "The wheel works."
