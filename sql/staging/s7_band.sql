-- staging: s7_band
-- grain:   one row per published row and score band
-- source:  form S7.BAND
select
    year, region, submission, kato, row_type, region_name, unit_name, scale, language, locality, band_from, band_to,
    person_count, publisher, edition, published_on, status
from raw.s7_band
