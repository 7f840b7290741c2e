"""The folder of keys: made once, readable by its owner alone, changed by who holds root keys."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509 import load_der_x509_certificate

from assaybook.domain.errors import AssayError
from assaybook.ledger.root import Root, key_at
from assaybook.service.ledger_keys import (
    Change,
    make_keys,
    read_keys,
    read_keys_root,
    read_signer,
    revoke_key,
    rotate_key,
)
from support.roots import BEGAN, DAY, LOG

NOW = BEGAN + DAY


def _made(folder: Path, root_keys: int = 1, threshold: int = 1) -> Root:
    return make_keys(folder, LOG, Change(BEGAN), root_keys=root_keys, threshold=threshold)


def _refused(act: Callable[[], object]) -> str:
    with pytest.raises(AssayError) as caught:
        act()
    return caught.value.code


def _pem(folder: Path, role: str) -> Path:
    (found,) = folder.glob(f"{role}-*.pem")
    return found


def test_a_folder_of_keys_has_one_for_each_role_that_only_its_owner_reads(tmp_path: Path) -> None:
    root = _made(tmp_path)
    keys = read_keys(tmp_path, NOW)
    assert keys.root == root == read_keys_root(tmp_path)
    assert key_at(root, keys.checkpoint.id, "checkpoint", NOW) == keys.checkpoint.key.public_key()
    assert key_at(root, keys.statement.id, "statement", NOW) == keys.statement.key.public_key()
    assert key_at(root, keys.report.id, "report", NOW) == keys.report.key.public_key()
    certificate = load_der_x509_certificate(keys.report.certificate)
    assert certificate.public_key() == keys.report.key.public_key()
    private = list(tmp_path.glob("*.pem"))
    assert {file.stat().st_mode & 0o777 for file in private} == {0o600}
    assert len(private) == 4


def test_keys_that_others_can_read_are_not_used(tmp_path: Path) -> None:
    _made(tmp_path)
    for role in ("checkpoint", "report"):
        file = _pem(tmp_path, role)
        file.chmod(0o640)
        assert _refused(lambda: read_keys(tmp_path, NOW)) == "key-exposed"
        file.chmod(0o600)


def test_a_key_whose_file_is_gone_or_another_is_named(tmp_path: Path) -> None:
    root = _made(tmp_path)
    log, statement, report = (_pem(tmp_path, r) for r in ("checkpoint", "statement", "report"))
    kept = statement.read_bytes()
    statement.write_bytes(log.read_bytes())
    assert _refused(lambda: read_keys(tmp_path, NOW)) == "key-missing"
    statement.write_bytes(report.read_bytes())
    assert _refused(lambda: read_keys(tmp_path, NOW)) == "key-unreadable"
    statement.write_bytes(kept)
    report.write_bytes(kept)
    assert _refused(lambda: read_keys(tmp_path, NOW)) == "key-unreadable"
    log.unlink()
    assert _refused(lambda: read_signer(tmp_path, root, "checkpoint", NOW)) == "key-missing"
    late = BEGAN + timedelta(days=1_095)
    assert _refused(lambda: read_signer(tmp_path, root, "statement", late)) == "key-missing"


def test_keys_are_never_made_over_others(tmp_path: Path) -> None:
    _made(tmp_path)
    assert _refused(lambda: _made(tmp_path)) == "keys-exist"
    assert _refused(lambda: read_keys_root(tmp_path / "none")) == "file-missing"


@pytest.mark.parametrize(("root_keys", "threshold"), [(0, 0), (1, 2), (1, 0), (17, 1)])
def test_a_threshold_that_can_never_be_met_is_refused(
    tmp_path: Path, root_keys: int, threshold: int
) -> None:
    assert _refused(lambda: _made(tmp_path, root_keys, threshold)) == "threshold-invalid"
    assert not list(tmp_path.iterdir())


def test_a_log_without_a_usable_name_gets_no_keys(tmp_path: Path) -> None:
    assert _refused(lambda: make_keys(tmp_path, "two words", Change(BEGAN))) == "log-name-invalid"


@pytest.mark.parametrize("role", ["root", "checkpoint", "statement", "report"])
def test_a_new_key_takes_over_and_the_private_half_of_the_old_is_gone(
    tmp_path: Path, role: str
) -> None:
    _made(tmp_path)
    before = _pem(tmp_path, role)
    root = rotate_key(tmp_path, role, Change(NOW, days=30))
    assert not before.exists()
    old, new = (one for one in root.current.keys if one.role == role)
    overlap = timedelta(seconds=0 if role == "root" else 1)
    assert (new.not_before, old.not_after) == (NOW, NOW + overlap)
    assert new.not_after == NOW + 30 * DAY
    assert _pem(tmp_path, role).exists()
    assert len(rotate_key(tmp_path, "statement", Change(NOW + DAY)).versions) == 3
    rotate_key(tmp_path, "statement", Change(NOW + DAY + DAY / 100_000))
    read_keys(tmp_path, NOW + DAY)


@pytest.mark.parametrize("role", ["checkpoint", "statement", "report"])
@pytest.mark.parametrize("by_id", [False, True], ids=["by its role", "by its id"])
def test_a_key_that_ended_before_anybody_replaced_it_is_replaced_all_the_same(
    tmp_path: Path, role: str, *, by_id: bool
) -> None:
    (old,) = (one for one in _made(tmp_path).current.keys if one.role == role)
    late = old.not_after + DAY
    assert _refused(lambda: read_keys(tmp_path, late)) == "key-missing"
    root = rotate_key(tmp_path, old.id if by_id else role, Change(late))
    assert len(root.versions) == 2
    (kept, new) = (one for one in root.current.keys if one.role == role)
    assert kept == old, "what it signed while it counted stays good, and nothing later"
    assert (new.not_before, new.counts_at(late)) == (late, True)
    assert not any(file.name.endswith(f"{old.id[7:19]}.pem") for file in tmp_path.iterdir())
    assert _refused(lambda: rotate_key(tmp_path, old.id, Change(late + DAY))) == "key-ended"


def test_a_key_whose_private_half_is_lost_is_replaced_by_the_name_of_its_role(
    tmp_path: Path,
) -> None:
    _made(tmp_path)
    _pem(tmp_path, "checkpoint").unlink()
    assert _refused(lambda: read_keys(tmp_path, NOW)) == "key-missing"
    rotate_key(tmp_path, "checkpoint", Change(NOW))
    read_keys(tmp_path, NOW)


def test_a_revoked_key_is_replaced_and_what_it_signed_before_stays_good(tmp_path: Path) -> None:
    made = _made(tmp_path)
    (old,) = made.keys_of("statement")
    since = BEGAN + DAY / 2
    root = revoke_key(tmp_path, old.id[7:19], Change(NOW), reason="lost", since=since)
    assert key_at(root, old.id, "statement", BEGAN) is not None
    assert _refused(lambda: key_at(root, old.id, "statement", since)) == "key-revoked"
    assert read_keys(tmp_path, NOW).statement.id != old.id
    again = Change(NOW + DAY)
    assert _refused(lambda: revoke_key(tmp_path, old.id, again, reason="lost")) == "key-revoked"
    sooner = revoke_key(tmp_path, old.id, again, reason="stolen", since=BEGAN)
    assert len(sooner.keys_of("statement")) == 2
    assert _refused(lambda: rotate_key(tmp_path, old.id, Change(NOW + 2 * DAY))) == "key-ended"
    assert _refused(lambda: revoke_key(tmp_path, "report", again, reason=" ")) == "reason-missing"


def test_what_names_no_key_or_several_is_refused(tmp_path: Path) -> None:
    _made(tmp_path, 2)
    for name in ("root", "nobody", "sha256:", "0000000"):
        assert _refused(lambda name=name: rotate_key(tmp_path, name, Change(NOW))) == "key-unknown"  # type: ignore[misc]


def test_root_keys_kept_elsewhere_sign_when_they_are_brought(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    _made(folder, 2, 2)
    first, second = sorted(folder.glob("root-*.pem"))
    away = second.rename(tmp_path / "safe.pem")
    assert _refused(lambda: rotate_key(folder, "report", Change(NOW))) == "root-unsigned"
    root = rotate_key(folder, "report", Change(NOW, root_keys=[away]))
    assert len(root.versions) == 2
    away.chmod(0o644)
    later = Change(NOW + DAY, root_keys=[away])
    assert _refused(lambda: rotate_key(folder, "report", later)) == "key-exposed"
    stranger = Change(NOW + DAY, root_keys=[_pem(folder, "statement")])
    assert _refused(lambda: rotate_key(folder, "report", stranger)) == "key-unknown"
    assert first.exists()
