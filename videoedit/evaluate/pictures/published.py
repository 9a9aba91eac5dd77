"""What papers printed, to be read beside our own figures."""

from typing import Final

from videoedit.evaluate.pictures.sets import EditName

FID_COLUMNS: Final = tuple(
    EditName(attribute, direction)
    for attribute in ("Bangs", "Smiling", "Mustache", "Eyeglasses", "Male")
    for direction in ("add", "remove")
)

FID_ROWS: Final = {
    "UNIT": (135.41, 137.94, 120.25, 125.04, 119.32, 131.33, 111.49, 139.43, 152.16, 154.59),
    "CycleGAN": (27.81, 33.22, 23.23, 22.74, 43.58, 55.49, 36.87, 48.82, 60.25, 46.25),
    "StarGAN": (59.68, 71.07, 51.36, 78.87, 99.03, 176.18, 70.40, 142.35, 70.14, 206.21),
    "DNA-GAN": (79.27, 76.89, 77.04, 72.35, 126.33, 127.66, 75.02, 75.96, 121.04, 118.67),
    "ELEGANT": (30.71, 31.12, 25.71, 24.88, 37.51, 49.13, 47.35, 60.71, 59.37, 56.80),
}
"""Table 1 of Xiao, Hong and Ma (ECCV 2018)."""

FID_CAVEATS: Final = (
    "The published rows are Table 1 of Xiao, Hong and Ma (ECCV 2018), who give FID for reference only and say neither "
    "how many pictures it was taken on nor which Inception weights; their crops have 256 pixels. Rows give the order "
    "of methods within the paper, where CycleGAN, a model for each attribute, is lowest in six of ten columns; ours is "
    "no member of it. FID falls as sets grow: compare equal numbers of pictures."
)

LANDMARK_ROWS: Final = {
    "no glasses": (0.02341, 0.04424),
    "glasses": (0.03570, 0.04605),
    "glasses removed": (0.03048, 0.04608),
}
"""Eyes and rest: Table 2 of Shen and Liu (CVPR 2017), whose landmarks dlib found."""
