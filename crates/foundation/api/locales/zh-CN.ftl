# 数据接口的提示。
error-api-bad_value = 参数 { $name } 的值不符合接口说明。
error-api-unknown_parameter = 接口没有参数 { $name }。
error-api-parameter_twice = 参数 { $name } 重复出现。
error-api-parameter_needed = 缺少参数 { $name }。
error-api-not_json = 请求内容应为 application/json。
error-api-bad_body = 请求内容不符合接口说明：{ $why }
error-api-key_needed = 请求缺少 Idempotency-Key 头，或者它不是 UUID。每条命令请用新的 UUID，重发同一条命令时用原来的。
