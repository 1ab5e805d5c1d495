"""The tables of the paper, each as one command.

    python recipes/tables.py --table=6                   # the paper's settings
    python recipes/tables.py --table=6 --preset=quick    # 20 minutes on two CPU cores

| table | compares |
| --- | --- |
| 1 | CRD with the original, OMGD's losses and no distillation, on three data sets |
| 2 | what the networks cost, without any training |
| 3 | content level with instance level (RKD) and no distillation |
| 4 | rows, columns and patches: without one of them |
| 5 | sizes of the patches |
| 6 | regimes of the discriminator |
| 7, 8, 9 | weights: of the relations, angles to distances, of the perceptual loss |

Each row is a recipe's settings with one change, trained with each of `--seeds`, each
run in a process of its own and in a folder of its own, `table6/ROW/seed0`. The same
command again goes on where it was interrupted: finished runs stay, a cut one is
resumed. A run that fails is reported, and the others go on.

After each run `table6/table6.md`, `.json` and `.png` are written anew: mean and spread
over the seeds beside the paper's FID where it is known here.

With `--preset=quick` the runs are recipes' quick presets in four epochs, on drawn
animals: the direction of an effect at best, and no result on the paper's data.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch.
"""

from crd_keras.commands.tables import main

if __name__ == "__main__":
    main()
