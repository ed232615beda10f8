"""How times are shown in English: as logs write them, so that nobody wonders about a.m., or which is the month."""

DATE_FORMAT = "Y-m-d"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = "Y-m-d H:i:s T"
