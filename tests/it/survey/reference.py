"""Estimates of sample surveys by libraries that others wrote, to be met by the functions in SQL.

Means, shares, gaps and linearised errors: `svy` 0.35.0 (Samplics LLC, MIT), which its authors hold equal to R's
`survey`. Quantiles and regressions under each replicate weight: `statsmodels` 0.15.0 (BSD), DescrStatsW.quantile
and WLS; their sums of squares take the coefficients of svy's replicate designs. Plausible values are combined by
Rubin's rule as in the PISA Data Analysis Manual, chapter 8.

    python -m venv venv && venv/bin/pip install svy==0.35.0 statsmodels==0.15.0
    venv/bin/python tests/it/survey/reference.py ../shared/data/pisa_replicate_weights > tests/it/survey/reference.csv
"""

import sys
import warnings

import numpy as np
import polars as pl
import statsmodels.api as sm
import svy
from statsmodels.stats.weightstats import DescrStatsW

warnings.simplefilter("ignore")
VALUES = range(1, 11)
PISA = svy.BrrWgts(prefix="w_fsturwt", n_reps=80, fay_coef=0.5)
TALIS = svy.BrrWgts(prefix="trwgt", n_reps=100, fay_coef=0.5)


def combine(estimates, errors):
    """Rubin's rule."""
    estimates, count = np.asarray(estimates), len(estimates)
    sampling = np.mean(np.square(errors))
    imputation = (1 + 1 / count) * np.var(estimates, ddof=1)
    return np.mean(estimates), np.sqrt(sampling + imputation), np.sqrt(sampling), np.sqrt(imputation)


def show(country, statistic, term, estimate):
    print(",".join([country, statistic, term, *(repr(float(one)) for one in estimate)]))


def first(estimate):
    row = estimate.to_polars().row(0, named=True)
    return row["est"], row["se"]


def replicated(data, of):
    """A statistic under the final and every replicate weight, and its error."""
    weights = ["w_fstuwt"] + [f"w_fsturwt{place}" for place in range(1, 81)]
    found = np.array([of(data[weight].to_numpy()) for weight in weights])
    squares = np.square(found[1:] - found[0])
    return found[0], np.sqrt(np.tensordot(np.asarray(PISA.coefficients()), squares, axes=1))


def combined(data, of):
    """`of(value, weights)` for every plausible value."""
    pairs = [replicated(data, lambda weights: of(f"pv{value}math", weights)) for value in VALUES]
    return combine([estimate for estimate, _ in pairs], [error for _, error in pairs])


def pisa(data):
    data = data.with_columns(
        (pl.col("st004d01t") == 1).cast(pl.Float64).alias("girl"),
        pl.col("idschool").cast(pl.Int64),
        *[(pl.col(f"pv{value}math") >= 420.07).cast(pl.Float64).alias(f"above{value}") for value in VALUES],
    )
    how = {"method": "replication", "variance_center": "estimate"}
    for (country,), part in data.group_by("cnt", maintain_order=True):
        sample = svy.Sample(part, svy.Design(wgt="w_fstuwt", rep_wgts=PISA))
        for domain in ("math", "read", "scie"):
            pairs = [first(sample.estimation.mean(f"pv{value}{domain}", **how)) for value in VALUES]
            show(country, "mean", domain, combine(*zip(*pairs)))
        pairs = [first(sample.estimation.mean(f"above{value}", **how)) for value in VALUES]
        show(country, "share_above", "420.07", combine(*zip(*pairs)))
        gaps = []
        for value in VALUES:
            by_sex = sample.estimation.mean(f"pv{value}math", by="girl", **how)
            names = sorted(by_sex.keys(), key=str)
            gap = by_sex.contrast(svy.estd(names[1]) - svy.estd(names[0])).to_polars().row(0, named=True)
            gaps.append((gap["est"], gap["se"]))
        show(country, "gap", "girl", combine(*zip(*gaps)))
        for part_of in (0.1, 0.25, 0.5, 0.75, 0.9):
            estimate = combined(
                part,
                lambda name, weights: DescrStatsW(part[name].to_numpy(), weights).quantile(part_of, return_pandas=False)[0],
            )
            show(country, "quantile", str(part_of), estimate)
        predictors = sm.add_constant(part.select("girl", "AGE").to_numpy())

        def line(name, weights):
            fitted = sm.WLS(part[name].to_numpy(), predictors, weights).fit()
            return np.append(fitted.params, fitted.rsquared)

        pairs = [replicated(part, lambda weights: line(f"pv{value}math", weights)) for value in VALUES]
        for place, term in enumerate(("intercept", "x1", "x2", "r2")):
            show(country, "regression", term, combine([pair[0][place] for pair in pairs], [pair[1][place] for pair in pairs]))
        design = svy.Sample(part, svy.Design(psu="idschool", wgt="w_fstuwt"))
        estimate, error = first(design.estimation.mean("pv1math", method="taylor"))
        show(country, "survey_mean", "pv1math", (estimate, error, error, 0))
    design = svy.Sample(data, svy.Design(stratum="cnt", psu="idschool", wgt="w_fstuwt"))
    estimate, error = first(design.estimation.mean("pv1math", method="taylor"))
    show("all", "survey_mean", "pv1math", (estimate, error, error, 0))
    estimate, error = first(design.estimation.ratio("pv1math", "pv1read", method="taylor"))
    show("all", "survey_ratio", "pv1math/pv1read", (estimate, error, error, 0))
    estimate, error = first(design.estimation.mean("pv1math", method="taylor", where=svy.col("girl") == 1))
    show("all", "survey_mean", "pv1math of girls", (estimate, error, error, 0))


def talis(data):
    data = data.with_columns(pl.col(ITEM).cast(pl.Float64, strict=False))
    for (country,), part in data.drop_nulls(ITEM).group_by("cntry", maintain_order=True):
        sample = svy.Sample(part, svy.Design(wgt="tchwgt", rep_wgts=TALIS))
        how = {"method": "replication", "variance_center": "estimate"}
        estimate, error = first(sample.estimation.mean(ITEM, **how))
        show(country, "weighted_mean_se", ITEM, (estimate, error, error, 0))


ITEM = "tt3g02"

if __name__ == "__main__":
    folder = sys.argv[1]
    print("country,statistic,term,estimate,se,se_sampling,se_imputation")
    pisa(pl.read_parquet(f"{folder}/pisa2018_noisy_subset_ita_mex_fra.parquet").sort("cnt"))
    talis(pl.read_parquet(f"{folder}/talis2018_noisy_subset_ita_mex_fra.parquet").sort("cntry"))
