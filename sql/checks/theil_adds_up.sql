-- check:  the inequality of a whole is that between its parts and that within them
-- grain:  one row per distribution whose parts miss the whole by more than 1e-12; none is expected
-- rule:   Theil's T = between + within; no part within is negative
-- source: mart.distribution
select variable, year, tier, geo_code, level, breakdown, sex, locality, language, theil, theil_between, theil_within
from mart.distribution
where abs(theil - theil_between - theil_within) > 1e-12 or theil_within < -1e-12
order by variable, year, tier, geo_code, level, breakdown, sex, locality, language
