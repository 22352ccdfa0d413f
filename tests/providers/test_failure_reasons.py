"""What the provider's codes and messages mean, with one row for each known one."""

import pytest

from bot.domain.provider.failure_reason import FailureReason
from bot.providers.vtrix.failure_reasons import failure_reason

M = FailureReason


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        # Refused content, by code.
        ("DataInspectionFailed", None, M.CONTENT),
        ("data_inspection_failed", "no", M.CONTENT),
        ("DataInspectionFailed", "Input or output data may be inappropriate.", M.CONTENT),
        ("DataInspectionFailed", "Input image data may be inappropriate.", M.CONTENT_PICTURE),
        ("DataInspectionFailed", "Input text data may be inappropriate.", M.CONTENT_WORDS),
        ("DataInspectionFailed", "Output data may be inappropriate.", M.CONTENT_VIDEO),
        ("InputImageSensitiveContentDetected", "no", M.CONTENT_PICTURE),
        ("InputTextSensitiveContentDetected", "no", M.CONTENT_WORDS),
        ("OutputVideoSensitiveContentDetected", "no", M.CONTENT_VIDEO),
        ("Sensitive.Image", None, M.CONTENT_PICTURE),
        ("IPInfringementSuspect", "Input data is suspected.", M.CONTENT),
        ("CustomRoleBlocked", "no", M.CONTENT),
        ("FaqRuleBlocked", "no", M.CONTENT),
        ("content_policy_violation", "no", M.CONTENT),
        # Refused content, by message.
        ("110001", "The prompt contains sensitive words", M.CONTENT_WORDS),
        ("110001", "inappropriate content", M.CONTENT),
        (None, "Green net check failed", M.CONTENT),
        ("Odd", "Your image is inappropriate", M.CONTENT_PICTURE),
        ("InvalidParameter", "the prompt is inappropriate", M.CONTENT_WORDS),
        ("002014001", "Input image is sensitive", M.CONTENT_PICTURE),
        (None, "输入内容包含敏感信息", M.CONTENT),
        # Not about content.
        ("110001", "invalid parameters", None),
        ("InvalidParameter.DataInspection", "Unable to download the media", M.PARAMETER),
        ("InvalidParameter.DataInspection", "the inappropriate resource", M.PARAMETER),
        ("InvalidParameter", "values are case-sensitive", M.PARAMETER),
        ("002014001", "generation failed", M.SERVICE),
        ("2014001", "generation failed", M.SERVICE),
        ("12014001", "no", None),
        ("20140010", "no", None),
        # The service failed.
        ("InternalError.Algo", "oh", M.SERVICE),
        ("InternalError", None, M.SERVICE),
        ("ModelServiceFailed", "oh", M.SERVICE),
        ("RewriteFailed", "oh", M.SERVICE),
        ("190000", "oh", M.SERVICE),
        # The service is busy.
        ("Throttling", "slow", M.BUSY),
        ("Throttling.RateQuota", "slow", M.BUSY),
        ("Throttling.AllocationQuota", "slow", M.BUSY),
        ("1002", "queue is full", M.BUSY),
        # The API key.
        ("InvalidApiKey", "no", M.KEY),
        ("invalid_api_key", "no", M.KEY),
        (None, "Incorrect API key provided", M.KEY),
        # The balance.
        ("Arrearage", "Access denied, your account is not in good standing", M.BALANCE),
        ("PrepaidBillOverdue", "no", M.BALANCE),
        ("PostpaidBillOverdue", "no", M.BALANCE),
        ("insufficient_balance", "no", M.BALANCE),
        (None, "insufficient_balance", M.BALANCE),
        ("17", "Insufficient balance, please top up", M.BALANCE),
        ("402", "no", M.BALANCE),
        *((str(number), "Insufficient credits", M.BALANCE) for number in range(40201, 40209)),
        ("40209", "no", None),
        (None, "账户余额不足", M.BALANCE),
        # The model.
        ("AccessDenied", "no", M.MODEL),
        ("AccessDenied.Unpurchased", "no", M.MODEL),
        ("Model.AccessDenied", "no", M.MODEL),
        ("AllocationQuota.FreeTierOnly", "no", M.MODEL),
        ("ModelNotFound", "no", M.MODEL),
        (None, "Model access denied.", M.MODEL),
        # Of unknown meaning.
        (None, None, None),
        ("", "", None),
        ("400", "no", None),
        ("17", "no money", None),
    ],
)
def test_the_reason_of_each_code_and_message(
    code: str | None, message: str | None, reason: FailureReason | None
) -> None:
    assert failure_reason(code, message) is reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Input or output data may contain inappropriate content.", M.CONTENT),
        ("Input data may contain inappropriate content with custom rule.", M.CONTENT),
        ("Input or output data is blocked by faq rule.", M.CONTENT),
        ("Input data is suspected of being involved in IP infringement.", M.CONTENT),
        ("Unable to download the media resource during the data inspection.", M.PARAMETER),
        ("Failed to download the input file.", M.PARAMETER),
        ("An internal error has occured, please try again later.", M.SERVICE),
        ("An internal timeout error has occured during execution.", M.SERVICE),
        ("Failed to request model service.", M.SERVICE),
        ("Failed to rewrite content for prompt.", M.SERVICE),
        ("Requests throttling triggered.", M.BUSY),
        ("Requests rate limit exceeded, please try again later.", M.BUSY),
        ("Allocated quota exceeded, please increase your quota limit.", M.BUSY),
        ("Too many requests for this API key", M.BUSY),
        ("queue is full", M.BUSY),
        ("Invalid API-key provided.", M.KEY),
        ("Access denied, please make sure your account is in good standing.", M.BALANCE),
        ("The prepaid bill is overdue.", M.BALANCE),
        ("The postpaid bill is overdue.", M.BALANCE),
        ("Insufficient credits", M.BALANCE),
        ("Model access denied.", M.MODEL),
        ("Access to model denied. Please make sure you are eligible.", M.MODEL),
        ("The free tier of the model has been exhausted.", M.MODEL),
        ("Model can not be found.", M.MODEL),
        ("Model not exist.", M.MODEL),
        ("The model `wan22` does not exist or you do not have access to it.", M.MODEL),
        ("model not found: 'wan22'", M.MODEL),
        ("The model failed: the image was not found", None),
        ("Access denied.", None),
    ],
)
def test_messages_are_enough_without_codes(message: str, reason: FailureReason | None) -> None:
    """Messages of the model's vendor and of the gateway suffice where the code is missing."""
    assert failure_reason(None, message) is reason


@pytest.mark.parametrize(
    "words",
    [
        "full throttle",
        "insufficient balance",
        "an inappropriate dance",
        "SENSITIVE skin",
        "my API key",
        "free tier",
        "a model not found in any shop",
    ],
)
def test_a_prompt_repeated_in_a_message_is_no_reason(words: str) -> None:
    prompt = f"a cat with {words} on its shirt"
    assert failure_reason("Odd", f"cannot do this: {prompt[:40].lower()}", written=prompt) is None
    assert failure_reason("Odd", f"cannot do this: {words}") is not None


def test_the_rest_of_a_message_counts_beside_a_repeated_prompt() -> None:
    message = 'Insufficient balance for "a bank without a balance"'
    assert failure_reason(None, message, written="a bank without a balance") is M.BALANCE


def test_the_four_reasons_about_content() -> None:
    assert {one for one in FailureReason if one.is_content} == {
        M.CONTENT,
        M.CONTENT_PICTURE,
        M.CONTENT_WORDS,
        M.CONTENT_VIDEO,
    }
