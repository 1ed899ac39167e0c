"""The Statlog German credit data, 1,000 loans of a German bank in the 1970s, as R's caret package carries them."""

import subprocess

import numpy as np

FILE = "/data/r/usr/lib/R/site-library/caret/data/GermanCredit.RData"  # unpacked there by models/environment

# Not the lender's business, and unlawful to use in many places: age, sex and marital status, nationality.
PROTECTED = ("Age", "ForeignWorker", "Personal.")


def load():
    """(names of k attributes, attributes [1000, k] float32, whether the loan went bad [1000] bool)."""
    program = (f'load("{FILE}"); d <- GermanCredit; '
               'd$Class <- as.integer(d$Class == "Bad"); write.csv(d, row.names = FALSE, quote = FALSE)')
    lines = subprocess.run(["Rscript", "--vanilla", "-e", program], check=True, capture_output=True,
                           text=True).stdout.split()
    names = lines[0].split(",")
    table = np.array([[float(cell) for cell in line.split(",")] for line in lines[1:]], np.float32)
    bad = table[:, names.index("Class")] == 1
    kept = [i for i, name in enumerate(names)
            if name != "Class" and not name.startswith(PROTECTED) and np.ptp(table[:, i]) > 0]
    return [names[i] for i in kept], table[:, kept], bad
