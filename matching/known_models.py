"""The models that can be chosen, those of the tree and those trained here, and the reviewed switch between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hub.errors import ModelNotTrained, SettingsError
from hub.settings import Settings
from matching.model import IN_TREE, Model, in_force, load_model, model_path, own_models, save_model
from matching.switches import Switch, add_switch, switches

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class KnownModel:
    """One model on file. ``origin``: tree or own. ``model`` is None when it is refused, and ``refusal`` says why."""

    name: str
    origin: str
    is_in_force: bool
    model: Model | None
    refusal: str | None


def known_models(settings: Settings) -> list[KnownModel]:
    """All models on file, those of the tree first, in order of names; and the one in force even if its file is gone."""
    done = switches(settings)
    current = in_force(settings)
    paths = {path.stem: path for folder in (IN_TREE, own_models(settings)) for path in sorted(folder.glob("*.json"))}
    paths.setdefault(current, model_path(settings, current))
    reviewed = done[-1].version if done else None
    return [_known(path, name == current, reviewed) for name, path in paths.items()]


def _known(path: Path, is_in_force: bool, reviewed: str | None) -> KnownModel:
    origin = "tree" if path.parent == IN_TREE else "own"
    try:
        model = load_model(path)
    except ModelNotTrained as error:
        return KnownModel(path.stem, origin, is_in_force, None, error.summary)
    if is_in_force and origin == "own" and model.version != reviewed:
        return KnownModel(path.stem, origin, True, None, "It is not what was reviewed when it was put in force.")
    return KnownModel(path.stem, origin, is_in_force, model, None)


def use_model(settings: Settings, name: str, *, switched_by: str, reason: str) -> Switch:
    """Put a model in force, from the next night on; who, why and which content are kept.

    Raises:
        ModelNotTrained: there is no such model, or it cannot be used; the one in force stays.
    """
    model = load_model(model_path(settings, name))
    return add_switch(settings, model.name, model.version, switched_by=switched_by, reason=reason)


def check_new_name(settings: Settings, name: str) -> None:
    """Refuse a name that is taken or no name: models are written once, because the log of switches names them.

    Raises:
        SettingsError: it cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} is no name of a model; nothing was trained.",
            hint="Use up to 64 letters, digits, dots and dashes, as in autumn-2026.",
        )
    if model_path(settings, name).exists():
        raise SettingsError(
            f"There is a model {name} already, and models are written once; nothing was trained.",
            hint="Choose another name with --name. `databank models list` shows those that exist.",
        )


def keep_model(settings: Settings, model: Model) -> Path:
    """Write a newly trained model; it is not in force until a person puts it there."""
    check_new_name(settings, model.name)
    path = own_models(settings) / f"{model.name}.json"
    save_model(path, model)
    return path
