"""The tables of the paper, one or several as one command.

    python recipes/tables.py --table=1..9 --list         # the rows; trains nothing
    python recipes/tables.py --table=6                   # the paper's settings
    python recipes/tables.py --table=3,4 --preset=quick  # on a CPU
    python recipes/tables.py --table=all

| table | compares |
| --- | --- |
| 1 | CycleGAN: the method with the original and others, on two data sets |
| 2 | Pix2Pix: the same on edges2shoes |
| 3 | content level with instance level (RKD) and no distillation |
| 4 | rows, columns and patches: without one of them |
| 5 | sizes of the patches |
| 6 | regimes of the discriminator |
| 7, 8, 9 | weights: of the relations, angles to distances, of the perceptual loss |

`--list` prints each row with the paper's numbers and the settings that it changes.
Systems that this project cannot train have the paper's numbers only: not run here.

Each other row is a recipe's settings with one change, trained with each of `--seeds`.
Rows of all tables that differ only in the student share a run: one teacher, from which
all their students learn. So what a change does is seen seed by seed, beside the whole
method's student of the same teacher: the tables have mean and spread of these
differences as well.

The plan is printed first: the runs, their rows, and what is there already. The same
command again goes on where it was interrupted: finished runs stay, a cut one is
resumed. A run that fails is reported, and the others go on. Students that a begun run
of their teacher lacks, as another table is asked for, take a further run: ask for all
tables that you want at once.

The runs are in `runs` of the tables' folder, with their students beside them as a file
for `--students`. After each run its tables, `table6.md`, `.json` and `.png`, are
written anew.

All tables take ten teachers for each seed. `--max_teachers=N` trains those N with most
rows, and the rows that need another are left out.

With `--preset=quick` the runs are recipes' quick presets in four epochs, on drawn
animals: the direction of an effect at best, and no result on the paper's data. They
train at most four teachers for each seed, unless `--max_teachers` says otherwise.
Without a limit it would be seven.

KERAS_BACKEND chooses TensorFlow, JAX or PyTorch.
"""

from crd_keras.commands.tables import main

if __name__ == "__main__":
    main()
