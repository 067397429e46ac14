"""Opens the sealed file of a snapshot: as a bundle, decrypted while it is read, never on the disk."""

import io
from typing import BinaryIO, cast

from app.transfer import snapshots
from app.transfer.models import SNAPSHOT
from app.transfer.opened_bundles import Bundle, open_bundle
from app.transfer.sealing import Lock, Reader
from app.transfer.snapshot_models import Snapshot


def opened(snapshot: Snapshot) -> Bundle:
    """Return a snapshot as a bundle that was read from end to end; raises SnapshotRefused and BundleRefused."""
    lock = snapshots.lock_of(snapshot)
    file = snapshots.checked_file(snapshot).open("rb")
    return open_bundle(cast(BinaryIO, io.BufferedReader(_Plain(file, lock))), kind=SNAPSHOT)


class _Plain(io.RawIOBase):
    """The plain bytes of a sealed file, which can be read again from the beginning."""

    def __init__(self, file: BinaryIO, lock: Lock) -> None:
        super().__init__()
        self._file, self._lock = file, lock
        self._reader, self._at = Reader(file, lock), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go back to the beginning, the only place that somebody goes to."""
        if whence != io.SEEK_SET or offset != 0:
            raise io.UnsupportedOperation("only back to the beginning")
        if self._at:
            self._reader, self._at = Reader(self._file, self._lock), 0
        return 0

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        taken = self._reader.readinto(buffer)
        self._at += taken
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()
