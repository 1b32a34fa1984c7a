-- form:   S7.BAND, persons per score band by district (2014-2016) and by region (2014, 2017-2022)
-- note:   all bands together are the band -1 to -1; 2022 holds rural schools only
select
    year, kato, row_type, region_name, unit_name, scale, language, locality, band_from, band_to, person_count,
    'ntc' as publisher, edition, cast(null as date) as published_on, 'final' as status
from band_rows
