"""Which column is what: the phone column by its usual names, the reserved columns, the campaign's variables.

Names are compared without regard to case, spaces, underscores, hyphens and dots. The choice is returned so that it can
be said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialer.errors import UserError
from dialer.intake.reader import column_key
from dialer.model.campaign import Variable

# In order of preference: the first that is there is the phone column, the others have the numbers that are tried after it.
PHONE_NAMES = (
    "phone", "phone number", "number", "mobile", "mobile phone", "mobile phone number", "mobile number", "cell",
    "cell phone", "cell number", "cellphone number", "telephone", "telephone number", "tel", "phone no",
    "phone nr", "contact number", "contact phone", "to number", "to phone number", "to", "msisdn", "e164",
    "phone 1 value", "phone 1", "number 1", "primary phone", "person phone", "customer phone", "recipient phone number",
    "main phone", "person phone mobile", "person phone work", "person phone home", "person phone other",
    "home phone", "work phone", "business phone", "phone mobile", "phone home", "phone work", "office phone", "daytime phone",
    "evening phone", "other phone", "alt phone", "alternate phone", "alternative phone", "secondary phone", "alt phone number",
    "second phone", "phone other", "mobile phone 2", "additional phone", "direct phone", "direct dial",
    *(f"{word} {count}{end}" for count in range(2, 11) for word, end in
      (("phone", " value"), ("phone", ""), ("number", ""), ("phone number", ""), ("mobile", ""), ("alt phone", ""), ("电话", ""),
       ("手机", ""))),
    "telefon", "telefonnummer", "mobil", "mobiltelefon", "portable", "handynummer", "teléfono", "telefono", "téléphone",
    "手机号", "手机号码", "手机", "电话",
    "手机1", "电话1", "电话号码", "联系电话", "移动电话",
    "联系方式", "联系人手机", "联系人电话", "客户手机", "客户电话", "手机号1", "手机号2", "备用手机", "备用电话", "办公电话",
    "固定电话",
    "家庭电话", "座机", "號碼", "手機", "手機號碼", "電話", "電話號碼",
)  # fmt: skip

_ONLY_ALONE = frozenset({"number", "to", "e164", "msisdn", "联系方式"})
"""Names that mean a phone number only where nothing else does: beside a phone column "Number" may be that of a house."""

DIAL_CODE_NAMES = ("phone code", "dial code", "dialling code", "calling code", "country calling code", "国际区号", "国家区号")
"""A column of its own for the country's calling code (1, 44, 86) of numbers that stand without it."""

OPT_OUT_NAMES = (
    "do not call", "do not call flag", "donotcall", "dnc", "dnc flag", "dnd", "do not contact", "do not phone", "no calls",
    "no phone calls", "call opt out", "calls opt out", "phone opt out", "voice opt out", "opt out of calls",
    "opted out of calls",
    "opt out phone", "opt out calls", "has opted out of calls", "unsubscribed from calls", "opt out", "opted out", "optout",
    "telefon gesperrt", "nicht anrufen", "keine anrufe", "werbesperre", "ne pas appeler", "no llamar", "non chiamare",
    "拒绝来电", "拒绝电话", "拒接电话", "拒绝致电", "拒绝营销", "免打扰", "请勿致电", "请勿来电", "勿扰", "不要致电",
    "不再致电", "电话退订",
)  # fmt: skip
"""Columns in which the list says who wants no calls. "Email Opt Out" and the like are about other ways."""

RESERVED: Mapping[str, tuple[str, ...]] = {
    "external_id": ("vendor lead code", "reference id", "contact id", "record id", "lead id", "person id", "客户编号",
                    "编号", "客户ID"),
    "first_name": ("given name", "firstname", "person first name", "vorname", "prénom", "nombre", "名", "名字"),
    "last_name": ("family name", "surname", "lastname", "person last name", "nachname", "apellido", "apellidos", "姓", "姓氏"),
    "name": ("full name", "contact name", "person name", "customer name", "recipient name", "姓名", "客户姓名", "联系人",
             "联系人姓名"),
    "email": ("e-mail", "email address", "e-mail 1 value", "person email", "person email work", "邮箱", "电子邮箱", "电子邮件"),
    "company": ("company name", "account name", "company account", "associated company", "organization name", "organization",
                "person organization", "organization 1 name", "firma", "公司", "公司名称", "单位", "所属公司", "企业名称"),
    "timezone": ("time zone", "tz", "时区"),
    "language": ("lang", "preferred language", "语言"),
    "country": ("country code", "country/region", "country/territory", "mailing country", "mailing country/territory",
                "address 1 country", "land", "国家", "国家/地区"),
    "state": ("province", "mailing state", "mailing state/province", "state/province", "state/region", "address 1 region",
              "省", "省份", "州"),
    "postal_code": ("zip", "zip code", "postcode", "mailing zip", "mailing zip/postal code", "zip/postal code", "plz",
                    "address 1 postal code", "邮编", "邮政编码"),
    "caller_id": ("from number", "主叫号码"),
    "priority": ("rank", "优先级"),
    "not_before": ("call after", "time2call", "start time", "最早拨打时间"),
    "expires_at": ("expires", "expiry", "call before", "过期时间", "有效期至"),
    "consent": ("opt in", "consent type", "同意", "同意方式"),
    "consent_at": ("consent date", "consent time", "opt in date", "同意时间", "同意日期"),
    "consent_source": ("opt in source", "lead source", "同意来源"),
}  # fmt: skip

OVERRIDES = (
    "system_prompt", "system", "prompt", "agent_prompt", "first_message", "greeting", "greeting_override_text",
    "opening", "instructions", "instruction", "voice", "voice_id", "model", "tools", "tool", "temperature",
    "script", "agent", "agent_id", "agent_name", "callback_number", "assistant_id", "assistant", "override",
    "overrides", "webhook_url", "outcome", "disposition",
)  # fmt: skip
"""Names that could override the agent: a contact file never may."""

_RESERVED_KEYS = {column_key(alias): name for name, aliases in RESERVED.items() for alias in (name, *aliases)}
_OVERRIDE_KEYS = frozenset(column_key(name) for name in OVERRIDES)
_PHONE_TARGET = re.compile(r"phone[2-9]?")
REJECT_COLUMNS = ("row", "column", "value", "code", "message", "fix")


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a header is, by its index. ``said`` tells a person what was chosen and why."""

    header: tuple[str, ...]
    phone: int
    reserved: Mapping[str, int]
    variables: Mapping[str, int]
    unused: tuple[str, ...]
    said: tuple[str, ...]
    other_phones: tuple[int, ...] = ()
    """Further phone columns, in the order in which their numbers are tried."""
    opt_outs: tuple[int, ...] = ()
    dial_code: int | None = None

    @property
    def phone_column(self) -> str:
        """The name of the phone column as it stands in the file."""
        return self.header[self.phone]


def map_columns(header: Sequence[str], variables: Mapping[str, Variable], given: Mapping[str, str] | None = None) -> Columns:
    """Decide what each column is. ``given`` maps ``phone`` (``phone2``, ...), a reserved name or a variable to a column.

    Raises ``UserError``: ``no_phone_column``, ``reserved_column`` (a name that could override the agent), or without a
    code of its own when ``given`` names what does not exist.
    """
    _refuse_overrides(header)
    given = given or {}
    keys = {column_key(name) or name: index for index, name in enumerate(header)}
    chosen = _chosen(keys, header, variables, given)
    taken = set(chosen.values())
    (phone, *others), said = _phones(keys, header, chosen, taken, variables)
    taken.update((phone, *others))
    declared = {column_key(variable.column or name) for name, variable in variables.items()}
    opt_outs = _named(keys, OPT_OUT_NAMES, taken, declared)
    dial_codes = _named(keys, DIAL_CODE_NAMES, taken, declared)[:1]
    taken.update((*opt_outs, *dial_codes))
    said += [f"opted out = {header[index]!r}" for index in opt_outs]
    said += [f"calling code = {header[index]!r}" for index in dial_codes]
    reserved = {name: index for name, index in chosen.items() if name in RESERVED}
    for key, index in keys.items():
        name = _RESERVED_KEYS.get(key)
        if name and index not in taken and name not in reserved:
            reserved[name] = index
            taken.add(index)
            if column_key(name) != key:
                said.append(f"{name} = {header[index]!r}")
    found = {name: index for name, index in chosen.items() if name in variables and name not in RESERVED}
    for name, variable in variables.items():
        at = keys.get(column_key(variable.column or name))
        if name not in RESERVED and name not in found and at is not None and at not in taken:
            found[name] = at
            taken.add(at)
    unused = tuple(name for index, name in enumerate(header) if index not in taken)
    return Columns(
        tuple(header),
        phone,
        reserved,
        found,
        unused,
        tuple(said),
        other_phones=tuple(others),
        opt_outs=tuple(opt_outs),
        dial_code=dial_codes[0] if dial_codes else None,
    )


def is_override(name: str) -> bool:
    """The name could override the agent."""
    return column_key(name) in _OVERRIDE_KEYS


def _refuse_overrides(header: Sequence[str]) -> None:
    bad = [name for name in header if is_override(name)]
    if bad:
        raise UserError(
            f"the column {bad[0]!r} could override the agent; a contact file may not do that",
            code="reserved_column",
            hint="what the agent says belongs into campaign.toml and script.md; rename or remove the column",
        )


def _chosen(
    keys: Mapping[str, int], header: Sequence[str], variables: Mapping[str, Variable], given: Mapping[str, str]
) -> dict[str, int]:
    """Check what a person has mapped by hand."""
    chosen: dict[str, int] = {}
    for target, column in given.items():
        if not _PHONE_TARGET.fullmatch(target) and target not in RESERVED and target not in variables:
            allowed = ", ".join(("phone", "phone2", *RESERVED, *variables))
            raise UserError(f"--map {target}={column}: {target!r} is unknown; known are {allowed}", code="unknown_target")
        index = keys.get(column_key(column) or column)
        if index is None:
            raise UserError(
                f"--map {target}={column}: the file has no column {column!r}; it has {_listed(header)}",
                code="no_phone_column" if _PHONE_TARGET.fullmatch(target) else "no_column",
            )
        if index in chosen.values():
            raise UserError(f"--map {target}={column}: the column is mapped twice", code="mapped_twice")
        chosen[target] = index
    return chosen


def _phones(
    keys: Mapping[str, int],
    header: Sequence[str],
    chosen: dict[str, int],
    taken: set[int],
    variables: Mapping[str, Variable],
) -> tuple[list[int], list[str]]:
    """The phone columns in the order in which their numbers are tried: by the fame of their names, else as they stand.

    Columns that a person has named (``phone``, ``phone2``, ...) are the only ones: whoever says which wants no others.
    """
    told = [chosen.pop(target) for target in sorted(chosen) if _PHONE_TARGET.fullmatch(target)]
    if told:
        return told, [f"phone number = {_listed([header[index] for index in told])} (as told)"]
    declared = {column_key(variable.column or name) for name, variable in variables.items()}
    free = _named(keys, PHONE_NAMES, taken, declared)
    alone = {keys.get(name) for name in _ONLY_ALONE}
    free = free[:1] + [index for index in free[1:] if index not in alone]
    if not free:
        raise UserError(
            f"no column looks like a phone number; the file has {_listed(header)}",
            code="no_phone_column",
            hint="name it with --map phone=COLUMN" if header[1:] else "delete titles above the line that names the columns",
        )
    others = f", then {_listed([header[index] for index in free[1:]])}" if free[1:] else ""
    return free, [f"phone number = {header[free[0]]!r}{others}"]


def _named(keys: Mapping[str, int], names: Sequence[str], taken: set[int], declared: set[str]) -> list[int]:
    """The columns that have one of the names, in the order of the names; not those that are something else already."""
    found = [keys[key] for key in map(column_key, names) if key in keys and key not in declared]
    return [index for index in dict.fromkeys(found) if index not in taken]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[:30])
