-- staging: s3_factor
-- grain:   one row per (year, study_id, model, outcome, org_bin, factor)
-- source:  form S3.FACTOR; contribution = points that the factor adds to the result of the organisation
select
    year, region, submission, district, org_bin, study_id, model, outcome, factor, factor_value,
    reference_value, coefficient, se, learner_count, input_version, method,
    coefficient * (factor_value - reference_value) as contribution
from raw.s3_factor
