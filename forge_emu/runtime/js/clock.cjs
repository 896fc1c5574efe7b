'use strict';
// Time inside handlers when emulated time is not real time.

function scaleTime() {}

module.exports = { scaleTime };
