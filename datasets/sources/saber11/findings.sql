-- findings: what the Saber 11 files leave unclear
-- grain:   one row per pupil record and field in doubt
-- nulls:   a record without an id is referred to by its school
-- source:  ICFES, CC0
with sitting as (
    select 2005 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, "IDIOMA_NOMBRE" as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("HISTORIA_PUNT" + "GEOGRAFIA_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2005
    union all
    select 2006 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, "IDIOMA_NOMBRE" as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2006
    union all
    select 2007 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2007
    union all
    select 2008 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2008
    union all
    select 2009 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2009
    union all
    select 2010 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2010
    union all
    select 2011 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2011
    union all
    select 2012 as year, "FTP_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2012
    union all
    select 2013 as year, "ESTU_CONSECUTIVO" as pupil_id, "COLE_CODIGO_COLEGIO" as school_id,
           cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year, "ESTU_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICAS_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2013
    union all
    select 2014 as year, "ESTU_CONSECUTIVO" as pupil_id, "CODIGO_ICFES" as school_id,
           cast("PERS_FECHANACIMIENTO" as int) as birth_year, "PERS_GENERO" as sex_code, 'INGLÉS' as foreign_language,
           cast("MATEMATICA_PUNT" as double) as mathematics, cast("LENGUAJE_PUNT" as double) as language,
           cast("CIENCIAS_SOCIALES_PUNT" as double) as social, cast("FILOSOFIA_PUNT" as double) as philosophy,
           cast("BIOLOGIA_PUNT" as double) as biology, cast("QUIMICA_PUNT" as double) as chemistry,
           cast("FISICA_PUNT" as double) as physics
    from saber_2014
),
found as (
    select 'error' as severity, 'SRC-S11-01' as rule, year, school_id, pupil_id, 'pupil_id' as field,
           cast(null as varchar) as value,
           'no pupil id: landed under an id made of the school' as message
    from sitting where pupil_id is null
    union all
    select 'error', 'SRC-S11-02', year, school_id, pupil_id, 'key', cast(count(*) as varchar),
           'the key of the record is not unique'
    from sitting group by year, school_id, pupil_id having count(*) > 1
    union all
    select 'warning', 'SRC-S11-03', year, school_id, pupil_id, 'birth_year',
           cast(birth_year as varchar),
           'not a birth year 12 to 90 years before the sitting: landed as NULL'
    from sitting where not (birth_year between year - 90 and year - 12)
    union all
    select 'warning', 'SRC-S11-04', year, school_id, pupil_id, 'score', cast(null as varchar),
           'a compulsory score is absent: landed as NULL'
    from sitting
    where mathematics is null or language is null or social is null or philosophy is null
       or biology is null or chemistry is null or physics is null
    union all
    select 'warning', 'SRC-S11-05', year, school_id, pupil_id, 'score', '0',
           'three or more compulsory scores are nil: perhaps the pupil left the sitting'
    from sitting
    where (case when mathematics = 0 then 1 else 0 end) + (case when language = 0 then 1 else 0 end)
        + (case when social = 0 then 1 else 0 end) + (case when philosophy = 0 then 1 else 0 end)
        + (case when biology = 0 then 1 else 0 end) + (case when chemistry = 0 then 1 else 0 end)
        + (case when physics = 0 then 1 else 0 end) >= 3
    union all
    select 'warning', 'SRC-S11-06', year, school_id, pupil_id, 'sex', cast(sex_code as varchar),
           'the sex of the pupil is not given'
    from sitting where sex_code is null
    union all
    select 'warning', 'SRC-S11-07', year, school_id, pupil_id, 'foreign_language', foreign_language,
           'the foreign language is not English: no score of English'
    from sitting where foreign_language <> 'INGLÉS'
)
select
    severity, rule,
    cast(year as varchar) || ' school ' || cast(school_id as varchar) || ' pupil ' || coalesce(pupil_id, '*') as row_ref,
    field, arrow_cast(value, 'Utf8') as value, arrow_cast(message, 'Utf8') as message
from found
