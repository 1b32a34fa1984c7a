-- load:    Saber 11, first-semester sittings of 2005-2014, into S10.PUPIL
-- grain:   one row per pupil and sitting
-- unit:    scores on the scale of the year (not comparable between years by themselves)
-- nulls:   an absent score is NULL; nil is kept, it is the publisher's score for no right
--          answer (2005 prints 6.58 for the same share of pupils); a birth year outside
--          12 to 90 years before the sitting is NULL; a pupil without an id gets one
--          from the school; 2014 has no ownership of the school, 2005 no locality
-- source:  ICFES, CC0
-- The columns change from year to year: 2005 has history and geography instead of social
-- sciences; 2005-2006 have one foreign language of three; 2014 renames everything.
-- Science is the mean of biology, chemistry and physics, to three decimals. Locality is that of the home.
with sitting as (
    select
        2005 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast(null as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast(("HISTORIA_PUNT" + "GEOGRAFIA_PUNT") / 2 as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast(case when "IDIOMA_NOMBRE" = 'INGLÉS' then "IDIOMA_PUNT" end as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2005
    union all
    select
        2006 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast(case when "IDIOMA_NOMBRE" = 'INGLÉS' then "IDIOMA_PUNT" end as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2006
    union all
    select
        2007 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2007
    union all
    select
        2008 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2008
    union all
    select
        2009 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2009
    union all
    select
        2010 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2010
    union all
    select
        2011 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2011
    union all
    select
        2012 as year, "FTP_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2012
    union all
    select
        2013 as year, "ESTU_CONSECUTIVO" as pupil_id,
        "COLE_CODIGO_COLEGIO" as school_code,
        "COLE_INST_NOMBRE" as school_name,
        "ESTU_EXAM_COD_MPIOPRESENTACION" as area,
        "ESTU_EXAM_MPIO_PRESENTACION" as municipality,
        "ESTU_EXAM_DEPT_PRESENTACION" as department,
        "ESTU_GENERO" as sex_code,
        cast("ESTU_NACIMIENTO_ANNO" as int) as birth_year,
        "COLE_NATURALEZA" as ownership_code,
        cast("ECON_AREA_VIVE" as varchar) as locality_code,
        "COLE_INST_JORNADA" as shift_code,
        cast("MATEMATICAS_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("ESTU_PUESTO" as int) as rank
    from saber_2013
    union all
    select
        2014 as year, "ESTU_CONSECUTIVO" as pupil_id,
        "CODIGO_ICFES" as school_code,
        "NOMBRE_SEDE" as school_name,
        "COD_MUNI_APLI" as area,
        "MUNI_APLI" as municipality,
        "DEPA_APLI" as department,
        "PERS_GENERO" as sex_code,
        cast("PERS_FECHANACIMIENTO" as int) as birth_year,
        cast(null as varchar) as ownership_code,
        "FINS_TIPOUBICACION" as locality_code,
        "JORNADA" as shift_code,
        cast("MATEMATICA_PUNT" as double) as mathematics,
        cast("LENGUAJE_PUNT" as double) as language,
        cast("BIOLOGIA_PUNT" as double) as biology,
        cast("QUIMICA_PUNT" as double) as chemistry,
        cast("FISICA_PUNT" as double) as physics,
        cast("CIENCIAS_SOCIALES_PUNT" as double) as social,
        cast("FILOSOFIA_PUNT" as double) as philosophy,
        cast("INGLES_PUNT" as double) as english,
        cast("EVAL_PUESTO" as int) as rank
    from saber_2014
),
coded as (
    select s.*, c.code as shift
    from sitting as s
    left join shift_code as c on c.source_code = s.shift_code
)
select
    year,
    'saber11' as study,
    'COL' as country,
    lpad(cast(area as varchar), 5, '0') as area_code,
    municipality || ', ' || department as area_name,
    cast(school_code as varchar) as school_id,
    school_name,
    coalesce(pupil_id, 'no-id-' || cast(school_code as varchar)) as pupil_id,
    case sex_code when 'F' then 'female' when 'M' then 'male' end as sex,
    case when birth_year between year - 90 and year - 12 then birth_year end as birth_year,
    case ownership_code when 'O' then 'state' when 'N' then 'private' end as ownership,
    case when locality_code in ('1', 'U') then 'urban'
         when locality_code in ('2', 'R') then 'rural' end as locality,
    shift,
    mathematics as score_mathematics,
    language as score_language,
    round((biology + chemistry + physics) / 3, 3) as score_science,
    social as score_social,
    philosophy as score_philosophy,
    english as score_english,
    cast(null as double) as score_total,
    cast(null as double) as weight,
    rank,
    cast(null as double) as escs
from coded
