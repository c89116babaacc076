# What the API says.
error-api-bad_value = The value of { $name } is not what the API takes.
error-api-unknown_parameter = The API has no parameter { $name } here.
error-api-parameter_twice = The parameter { $name } stands twice.
error-api-parameter_needed = The parameter { $name } is missing.
error-api-not_json = The body has to be application/json.
error-api-bad_body = The body is not what the API takes: { $why }
error-api-key_needed = The request has no Idempotency-Key header, or it is not a UUID. Use a new UUID for each command, and the same one when you send that command again.
