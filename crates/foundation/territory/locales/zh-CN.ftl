# 期限
limit-none = 未定时限
limit-urgent-hours = { $n } 小时（不间断计时）
limit-working-hours = { $n } 个工作小时
limit-working-minutes = { $n } 个工作分钟
limit-working-days = { $n } 个工作日
limit-natural-days = { $n } 个自然日
list-comma = 、
list-semicolon = ；
deadline-limit = 限时 { $limit }，自 { $at } 起
deadline-runs-from = { $at } 开始计时
deadline-weekday = { $day } { $weekday }
deadline-holiday = { $day } { $name }放假
deadline-holidays = { $first } 至 { $last } { $name }放假
deadline-make-up = { $day }{ $name }调休上班
deadline-left-out = { $days }不计
deadline-counted = { $days }照计
deadline-until = 至 { $at }
deadline-beyond-known = { $day } 以后的节假日安排尚未公布，暂按普通周末计算
weekday-monday = 周一
weekday-tuesday = 周二
weekday-wednesday = 周三
weekday-thursday = 周四
weekday-friday = 周五
weekday-saturday = 周六
weekday-sunday = 周日

# 责任单位的依据
reason-row = 责任清单第 { $number } 条：{ $place }，{ $category }
reason-answers-for = { $place }的管理单位
reason-cooperative = { $community }没有其他管理单位，由股份经济合作社负责
reason-community-office = { $community }没有其他管理单位，由社区负责
responsibility-any = 各类问题
category-kind-component = 部件
category-kind-event = 事件
