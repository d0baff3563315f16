#pragma once
#include "ck_compare.h"
#include "ck_dnn.h"
#include "ck_quant.h"
