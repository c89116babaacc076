# 问题、问题通报、整改通知单

# 进度
stage-reported = 待立案
stage-filed = 待派遣
stage-dispatched = 待整改
stage-rectified = 待复查
stage-closed = 已结案
stage-declined = 不予立案

# 四针：发现 · 通报 · 整改 · 复查
stitch-found = 发现
stitch-circular = 通报
stitch-rectify = 整改
stitch-reinspect = 复查
stitch-done = 结案

# 步骤
step-report = 上报
step-amend = 更正
step-file = 立案
step-decline = 不予立案
step-dispatch = 派遣
step-ask_hand_back = 申请退回
step-accept_hand_back = 同意退回
step-refuse_hand_back = 不同意退回
step-rectify = 提交整改
step-pass = 复查通过，结案
step-fail = 复查不通过，返工
step-urge = 催办

who-finder = 发现人
who-centre = 城市管理中心
who-unit = 责任单位
who-reinspector = 复查人
who-community = 属地社区

# 来源
source-inspection = 巡查发现
source-call = 来电
source-resident = 群众反映
source-unit = 单位上报
source-community = 社区上报
source-import = 导入

# 灯
lamp-green = 时限内
lamp-yellow = 即将到期
lamp-red = 已超时
lamp-centre-left = 中心办理剩 { $span }
lamp-centre-over = 中心已超时 { $span }
lamp-unit-left = 整改剩 { $span }
lamp-unit-over = 单位超时 { $span }
lamp-none = 未定时限
lamp-closed = 已结案
lamp-closed-late = 已结案（曾超时）
lamp-declined = 不予立案

# 不予立案的理由
decline-not_real = 现场核实不属实
decline-duplicate = 重复上报
decline-outside_area = 不在本辖区
decline-already_mended = 已经整改
decline-other = 其他

# 申请退回的理由
hand_back-not_ours = 不属本单位职责
hand_back-not_our_area = 不在本单位管理范围
hand_back-not_found = 现场未发现
hand_back-needs_other = 需其他部门先行办理
hand_back-other = 其他

# 结果
outcome-rectified = 完成整改
outcome-on_time = 按期完成
outcome-late = 曾超时
outcome-rework = 有返工
outcome-remaining = 尚未完成

kind-open = 办理中
kind-ended = 已办结
kind-found = 本期发现
kind-dispatched = 本期通报

# 出错时
error-case-stale = 这件问题刚刚有人办理过，您的操作没有生效。您填写的内容还在，请看过最新情况后再提交。
error-case-wrong_stage = 这件问题已不在这一步，不能这样办理。请刷新查看当前进度。
error-case-no_unit = 请选择责任单位。
error-case-no_deadline = 该类别没有规定时限，请填写整改时限。
error-case-no_category = 请选择问题类别。
error-case-deadline-past = 整改时限已经过去，请填写今后的时间。
error-case-deadline-out_of_range = 时限超出可计算的范围，请重新填写。
error-case-no_hand_back = 没有待答复的退回申请，可能已有人答复。
error-case-hand_back-already_asked = 已经申请退回，请等待答复。
error-case-photo_needed = 请至少上传一张现场照片。
error-case-words_needed = 请填写情况说明。
error-case-words_too_long = 最多 { $max } 字，请精简后再提交。
error-case-place_needed = 请选择地点（社区、小区或楼院）。
error-case-what_needed = 请填写发现了什么问题。
error-case-bad_time = 时间格式不对，请按“2026-01-31 17:30”填写。
error-case-too_many_photos = 最多 { $max } 张照片。
error-case-reinspect-own_work = 不得复查自己或本单位的整改，请由其他人员复查。
error-circular-not_open = 这期通报已经下发或撤销，不能再放入问题。
error-circular-empty = 这期通报还没有问题，不能下发。
error-circular-not_ready = 还有 { $count } 处问题缺少责任单位、类别或时限，未下发任何一处。请补齐后再下发。
error-circular-too_many = 一期通报的问题太多，请分两期下发。
error-circular-title_needed = 请填写通报名称。
thread-label-rework = { $stage }，返工 { $n } 次
case-no-category = 待定类别
