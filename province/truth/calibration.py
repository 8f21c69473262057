"""How far the made-up province is from published figures: `python -m province.truth.calibration DIR`.

Every made-up figure is measured on the files and truth tables a province consists of, none is remembered
from the making of it.
"""

from __future__ import annotations

import sys
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import polars as pl

from data_contracts.loading.contracts import load_contracts

WATCHED_WAN = 404.0  # persons watched in Guangdong, in ten-thousands
_NEWS = "http://mszx.org.cn/show-424506.html"
_CHURN = "http://huaxun.org/yc/2019-09-05/378542.html"
_FUJIAN = "https://tjj.fujian.gov.cn/tongjinianjian/dz2022/cn-en/html/2002.htm"
_NATION = "http://stock.hexun.com/2023-10-25/210778386.html"
_SUBSIDY = "https://feifmx.com/domesticgd/10000159/20170911/31351170.html"
_RELIEF = "https://reportify.cn/news/1220073420910366720"
_YUNNAN = "https://ochochicas.com/ynmz/cms/shehuijiuzhu/5559.html"
_FOSHAN = "http://m.zrfz123.com/baoxian/202410/261128.html"


@dataclass(frozen=True)
class Figure:
    """One published figure beside ours. `use` says whether it was aimed at or only compared."""

    name: str
    published: float
    ours: float
    _: KW_ONLY
    unit: str
    use: str
    source: str

    @property
    def gap(self) -> float:
        """Relative distance of ours from the published one."""
        return self.ours / self.published - 1


def _read(path: Path) -> pl.DataFrame:
    """A CSV delivery as text under property names (dirty rows and all)."""
    contract = load_contracts()[f"{path.parent.name}.{path.stem}"]
    text = path.read_bytes()
    encoding = "gb18030" if not _is_utf8(text[:4096]) else "utf-8-sig"
    frame = pl.read_csv(text.decode(encoding).encode(), infer_schema=False)
    return frame.rename({c.header: c.name for c in contract.columns})


def _is_utf8(head: bytes) -> bool:
    try:
        head[: len(head) - 4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 12
    return True


def _yuan(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Decimal(18, 2), strict=False)


def _mean(values: pl.Series) -> float:
    """Mean of what reads as a number, 0 where nothing does."""
    found = values.cast(pl.Float64, strict=False).mean()
    return found if isinstance(found, float) else 0.0


def _deliveries(root: Path, name: str) -> list[pl.DataFrame]:
    return [_read(path) for path in sorted((root / "inbox").glob(f"*/{name}.csv"))]


def _current(roll: pl.DataFrame) -> pl.DataFrame:
    return roll.filter(pl.col("stop_date").is_null())


def _churn(rolls: list[pl.DataFrame]) -> tuple[float, float]:
    """Monthly shares of dibao persons whose unit came on or left, over all pairs of months."""
    units = [_current(r).filter(pl.col("category_code") == "最低生活保障").select("unit_no") for r in rolls]
    pairs = list(zip(units, units[1:], strict=False))
    came = sum(b.join(a, on="unit_no", how="anti").height for a, b in pairs)
    left = sum(a.join(b, on="unit_no", how="anti").height for a, b in pairs)
    base = sum(u.height for u in units[:-1]) or 1
    return came / base, left / base


def _roll_figures(root: Path) -> list[Figure]:
    rolls = _deliveries(root, "civil_affairs/benefit_roll")
    people = pl.read_parquet(root / "truth/persons.parquet")
    watched = people.filter(pl.col("death_date").is_null()).height
    last = _current(rolls[-1])
    count = dict(last.group_by("category_code").len().iter_rows())
    dibao = last.filter(pl.col("category_code") == "最低生活保障")
    dibao_n, tekun_n = dibao.height or 1, count.get("特困人员救助供养", 0)
    units = dibao["unit_no"].n_unique() or 1
    traits = dibao.drop("sex_code", "birth_date").join(people, on="id_number", how="left")
    day = pl.lit(str(max((root / "inbox").iterdir()).name)).str.to_date()
    age = (day - pl.col("birth_date")).dt.total_days() / 365.2425
    share = traits.select(
        (age >= 60).mean().alias("old"),
        (age < 18).mean().alias("young"),
        (pl.col("sex_code") == "2").mean().alias("women"),
        pl.col("is_disabled").mean().alias("disabled"),
        (pl.col("residence_code") == "农村").mean().alias("rural"),
    ).row(0, named=True)
    topup = _mean(dibao.unique("unit_no")["unit_pay_yuan_month"]) * units / dibao_n
    came, left = _churn(rolls)
    found = [
        Figure(
            "低保对象 / 监测人口",
            123.5 / WATCHED_WAN,
            dibao_n / watched,
            unit="share",
            use="aimed",
            source=_NEWS,
        ),
        Figure(
            "特困人员 / 监测人口",
            22.0 / WATCHED_WAN,
            tekun_n / watched,
            unit="share",
            use="aimed",
            source=_NEWS,
        ),
        Figure(
            "低保边缘 / 低保（全国）",
            600 / 4000,
            (count.get("最低生活保障边缘家庭", 0) + count.get("低保单人户", 0)) / dibao_n,
            unit="ratio",
            use="aimed",
            source=_NATION,
        ),
        Figure("农村低保 / 低保", 108.9 / 123.5, share["rural"], unit="share", use="aimed", source=_NEWS),
        Figure("低保户均人数", 125.4 / 50.3, dibao_n / units, unit="persons", use="aimed", source=_CHURN),
        Figure(
            "低保中老年人（福建农村）",
            127951 / 483970,
            share["old"],
            unit="share",
            use="compared",
            source=_FUJIAN,
        ),
        Figure(
            "低保中未成年人（福建农村）",
            77162 / 483970,
            share["young"],
            unit="share",
            use="compared",
            source=_FUJIAN,
        ),
        Figure(
            "低保中女性（福建农村）",
            214693 / 483970,
            share["women"],
            unit="share",
            use="compared",
            source=_FUJIAN,
        ),
        Figure(
            "低保中残疾人（福建农村）",
            100460 / 483970,
            share["disabled"],
            unit="share",
            use="aimed",
            source=_FUJIAN,
        ),
        Figure("低保人均月补差（佛山下限）", 748, topup, unit="yuan", use="compared", source=_FOSHAN),
        Figure(
            "农村低保人均月补差（云南2023）", 3723.24 / 12, topup, unit="yuan", use="compared", source=_YUNNAN
        ),
    ]
    if len(rolls) > 1:
        found.append(
            Figure(
                "低保每月新增人数", 11.5 / 8 / 125.4, came, unit="share of roll", use="aimed", source=_CHURN
            )
        )
        found.append(
            Figure(
                "低保每月退出人数", 11.4 / 8 / 125.4, left, unit="share of roll", use="aimed", source=_CHURN
            )
        )
    return [*found, *_other_figures(root, dibao_n, watched)]


def _other_figures(root: Path, dibao: int, watched: int) -> list[Figure]:
    cards = _deliveries(root, "disabled_federation/disability_card")[-1]
    living = cards.filter(_yuan("living_subsidy_yuan_month") > 0).height
    nursing = cards.filter(_yuan("nursing_subsidy_yuan_month") > 0).height
    watch = _deliveries(root, "rural_affairs/poverty_watch")[-1].height
    relief, months = _relief(root)
    return [
        Figure(
            "困难残疾人生活补贴 / 低保（2017全国，低保约5200万）",
            1031 / 5200,
            living / dibao,
            unit="ratio",
            use="aimed",
            source=_SUBSIDY,
        ),
        Figure(
            "重度残疾人护理补贴 / 低保（2017全国，低保约5200万）",
            1073 / 5200,
            nursing / dibao,
            unit="ratio",
            use="compared",
            source=_SUBSIDY,
        ),
        Figure(
            "防止返贫监测 / 低保（全国）",
            300 / 4000,
            watch / dibao,
            unit="ratio",
            use="compared",
            source=_NATION,
        ),
        Figure(
            "临时救助月人次 / 监测人口",
            0.88 / 2 / WATCHED_WAN,
            relief.height / months / watched,
            unit="share",
            use="aimed",
            source=_RELIEF,
        ),
        Figure("临时救助人次均额", 2118, _mean(relief["yuan"]), unit="yuan", use="aimed", source=_RELIEF),
    ]


def _relief(root: Path) -> tuple[pl.DataFrame, int]:
    """Approved relief over all deliveries, and the months they cover."""
    paths = sorted((root / "inbox").glob("*/civil_affairs/temporary_relief.xlsx"))
    frames = [pl.read_excel(p, engine="calamine", infer_schema_length=0) for p in paths]
    whole = pl.concat(frames, how="diagonal_relaxed").unique("救助编号", keep="last", maintain_order=True)
    given = whole.filter(pl.col("审批结果").is_in(["批准", "同意"]))
    return given.select(
        pl.col("救助金额").str.replace_all(",", "").cast(pl.Float64, strict=False).alias("yuan")
    ), len(paths) + 12


def hardship_share(root: Path) -> pl.DataFrame:
    """Share of households in true hardship on the first of each delivered month, and of those the silent."""
    homes = pl.read_parquet(root / "truth/households.parquet")
    spells = pl.read_parquet(root / "truth/hardship.parquet")
    months = [c for c in homes.columns if c.startswith("income_yuan_month_")]
    rows = []
    for name in months:
        day = pl.lit(name[-7:].replace("_", "-") + "-01").str.to_date()
        now = spells.filter(
            (pl.col("start_date") <= day) & (pl.col("end_date").is_null() | (pl.col("end_date") > day))
        )
        rows.append(
            {
                "month": name[-7:],
                "in_hardship": now.height / homes.height,
                "severe": (now["severity"] == 3).sum() / homes.height,
                "silent_of_them": _mean(now["is_silent"]),
            }
        )
    return pl.DataFrame(rows)


def figures(root: Path) -> list[Figure]:
    """Every published figure beside the province's own, measured on its files."""
    return _roll_figures(root)


def markdown(root: Path) -> str:
    """The calibration table of docs/province.md."""
    lines = ["| figure | published | made up | gap | unit | use | source |", "|---|---|---|---|---|---|---|"]
    for f in figures(root):
        lines.append(
            f"| {f.name} | {f.published:.4g} | {f.ours:.4g} | {f.gap:+.0%} | {f.unit} "
            f"| {f.use} | {f.source} |"
        )
    lines += ["", "| month | households in true hardship | severe | silent among them |", "|---|---|---|---|"]
    for row in hardship_share(root).iter_rows(named=True):
        lines.append(
            f"| {row['month']} | {row['in_hardship']:.1%} | {row['severe']:.1%} "
            f"| {row['silent_of_them']:.0%} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown(Path(sys.argv[1])) + "\n")
