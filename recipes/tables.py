"""The tables of the paper, one or several as one command.

    python recipes/tables.py --table=6                   # the paper's settings
    python recipes/tables.py --table=3,4 --preset=quick  # on a CPU
    python recipes/tables.py --table=all

| table | compares |
| --- | --- |
| 1 | CRD with the original, OMGD's losses and no distillation, on three data sets |
| 2 | what the networks cost, without any training |
| 3 | content level with instance level (RKD) and no distillation |
| 4 | rows, columns and patches: without one of them |
| 5 | sizes of the patches |
| 6 | regimes of the discriminator |
| 7, 8, 9 | weights: of the relations, angles to distances, of the perceptual loss |

Each row is a recipe's settings with one change, trained with each of `--seeds`. Rows
of all tables that differ only in the student share a run: one teacher, from which all
their students learn. So what a change does is seen seed by seed, beside the first row's
student of the same teacher: the tables have mean and spread of these differences as
well.

The plan is printed first: the runs, their rows, and what is there already. The same
command again goes on where it was interrupted: finished runs stay, a cut one is
resumed. A run that fails is reported, and the others go on. Students that a begun run
of their teacher lacks, as another table is asked for, take a further run: ask for all
tables that you want at once.

The runs are in `runs` of the tables' folder, with their students beside them as a file
for `--students`. After each run its tables, `table6.md`, `.json` and `.png`, are
written anew, with the paper's FID where it is known here.

With `--preset=quick` the runs are recipes' quick presets in four epochs, on drawn
animals: the direction of an effect at best, and no result on the paper's data. All
tables take seven teachers for each seed then: four without table 6, three of whose rows
change what the discriminator, and so the teacher, learns.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch.
"""

from crd_keras.commands.tables import main

if __name__ == "__main__":
    main()
