demo-banner = 演示数据，纯属虚构
span-minutes = { $n } 分钟
span-hours = { $n } 小时
span-days = { $n } 天
error-internal = 系统出了问题，没有改动任何数据。请稍后再试；如仍不行，请联系管理员。
