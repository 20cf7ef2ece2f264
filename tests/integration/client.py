"""A client made with grpcio-tools from proto/: calls, and errors with their details."""

import dataclasses
import queue

import grpc
import numpy
from dnnd.v1 import admin_pb2, admin_pb2_grpc, common_pb2, models_pb2, models_pb2_grpc
from dnnd.v1 import predict_pb2, predict_pb2_grpc, vision_pb2, vision_pb2_grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

CALL_SECONDS = 60
LARGE = 1 << 30


@dataclasses.dataclass
class Failure:
    """What a failed call brought, in words that a test compares."""

    code: str
    message: str
    reason: str = ""
    domain: str = ""
    field: str = ""
    metadata: dict = dataclasses.field(default_factory=dict)
    retry_seconds: float = 0
    request_id: str = ""

    @classmethod
    def of(cls, error):
        failure = cls(error.code().name, error.details() or "")
        status = rpc_status.from_call(error)
        for detail in status.details if status is not None else ():
            info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
            bad, request = error_details_pb2.BadRequest(), error_details_pb2.RequestInfo()
            if detail.Unpack(info):
                failure.reason, failure.domain, failure.metadata = info.reason, info.domain, dict(info.metadata)
            elif detail.Unpack(retry):
                failure.retry_seconds = retry.retry_delay.ToNanoseconds() / 1e9
            elif detail.Unpack(bad):
                failure.field = bad.field_violations[0].field
            elif detail.Unpack(request):
                failure.request_id = request.request_id
        return failure


def spec(name, version=None):
    return common_pb2.ModelSpec(name=name, version=version)


def encoded(*pictures):
    return [common_pb2.Image(encoded=picture) for picture in pictures]


def frame(number, picture):
    return vision_pb2.Frame(id=number, image=common_pb2.Image(encoded=picture))


def task(model, **options):
    """The PerceiveTask of a model; options are those of one task, as in detect={"max_detections": 1}."""
    return model if isinstance(model, vision_pb2.PerceiveTask) else vision_pb2.PerceiveTask(model=spec(model), **options)


def tensor(array):
    kinds = {"float32": common_pb2.DATA_TYPE_FP32, "float64": common_pb2.DATA_TYPE_FP64,
             "int64": common_pb2.DATA_TYPE_INT64}
    return common_pb2.Tensor(data_type=kinds[array.dtype.name], shape=array.shape, contents=array.tobytes())


class Stream:
    """An open stream: messages go out as they are sent, replies are taken one by one."""

    @classmethod
    def of_bytes(cls, client, method, **named):
        """One whose messages, and replies, are bytes."""
        return cls(client.channel.stream_stream(f"/dnnd.v1.VisionService/{method}"), **named)

    def __init__(self, method, seconds=CALL_SECONDS, **named):
        self._messages = queue.SimpleQueue()
        self.call = method(iter(self._messages.get, None), timeout=seconds, **named)

    def send(self, message):
        self._messages.put(message)

    def close(self):
        """No more messages."""
        self._messages.put(None)

    def reply(self):
        """The next reply; None after the last one, a Failure when the stream ended with one."""
        try:
            return next(self.call, None)
        except grpc.RpcError as error:
            return Failure.of(error)

    def ask(self, message):
        self.send(message)
        return self.reply()

    def replies(self):
        """All that are left, and the Failure at the end, if there is one."""
        found = []
        while (reply := self.reply()) is not None:
            found.append(reply)
            if isinstance(reply, Failure):
                break
        return found

    def dropped(self):
        """What the server says at the end."""
        return int(dict(self.call.trailing_metadata())["x-frames-dropped"])


class Client:
    """One connection. Calls return the reply, or a Failure."""

    def __init__(self, address, **channel_options):
        options = {"grpc.max_receive_message_length": LARGE, "grpc.max_send_message_length": LARGE,
                   "grpc.use_local_subchannel_pool": 1, **channel_options}
        self.channel = grpc.insecure_channel(address, options=list(options.items()))
        self.vision = vision_pb2_grpc.VisionServiceStub(self.channel)
        self.predictor = predict_pb2_grpc.PredictServiceStub(self.channel)
        self.models = models_pb2_grpc.ModelServiceStub(self.channel)
        self.admin = admin_pb2_grpc.AdminServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def close(self):
        self.channel.close()

    @staticmethod
    def call(method, request, seconds=CALL_SECONDS, request_id=None, **named):
        metadata = (("x-request-id", request_id),) if request_id else ()
        try:
            return method(request, timeout=seconds, metadata=metadata, **named)
        except grpc.RpcError as error:
            return Failure.of(error)

    def classify(self, model, *pictures, top_k=None, **named):
        options = vision_pb2.ClassifyOptions(top_k=top_k)
        model = spec(model) if isinstance(model, str) else model
        request = vision_pb2.ClassifyRequest(model=model, images=encoded(*pictures), options=options)
        return self.call(self.vision.Classify, request, **named)

    def detect(self, model, *pictures, **named):
        return self._about(self.vision.Detect, vision_pb2.DetectRequest, vision_pb2.DetectOptions, model, pictures, named)

    def segment(self, model, *pictures, **named):
        return self._about(self.vision.Segment, vision_pb2.SegmentRequest, vision_pb2.SegmentOptions, model, pictures,
                           named)

    def _about(self, method, request_type, options_type, model, pictures, named):
        """Names of fields of the options are options, all others arguments of the call."""
        options = {name: named.pop(name) for name in list(named) if name in options_type.DESCRIPTOR.fields_by_name}
        model = spec(model) if isinstance(model, str) else model
        request = request_type(model=model, images=encoded(*pictures), options=options_type(**options))
        return self.call(method, request, **named)

    def perceive(self, picture, *tasks, **named):
        """`tasks` are PerceiveTask, or names of models."""
        request = vision_pb2.PerceiveRequest(image=common_pb2.Image(encoded=picture), tasks=map(task, tasks))
        return self.call(self.vision.Perceive, request, **named)

    def predict(self, model, inputs, **named):
        request = predict_pb2.PredictRequest(model=spec(model))
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(value if isinstance(value, common_pb2.Tensor) else tensor(value))
        return self.call(self.predictor.Predict, request, **named)

    def load(self, name, version=None, **named):
        return self.call(self.models.LoadModel, models_pb2.LoadModelRequest(name=name, version=version), **named)

    def unload(self, name, version=None, **named):
        return self.call(self.models.UnloadModel, models_pb2.UnloadModelRequest(name=name, version=version), **named)

    def reload(self, name, version=None, **named):
        return self.call(self.models.ReloadModel, models_pb2.ReloadModelRequest(name=name, version=version), **named)

    def label(self, name, label, version=None, **named):
        request = models_pb2.SetVersionLabelRequest(name=name, label=label, version=version)
        return self.call(self.models.SetVersionLabel, request, **named)

    def get(self, name):
        reply = self.call(self.models.GetModel, models_pb2.GetModelRequest(name=name))
        return reply if isinstance(reply, Failure) else reply.model

    def versions(self, name):
        """Version number to (state, reason) of a model; empty when there is none of that name."""
        model = self.get(name)
        return {} if isinstance(model, Failure) else {
            version.version: (models_pb2.ModelVersion.State.Name(version.state), version.reason)
            for version in model.versions}

    def status(self):
        return self.call(self.admin.GetStatus, admin_pb2.GetStatusRequest())

    def health_of(self, name=""):
        reply = self.call(self.health.Check, health_pb2.HealthCheckRequest(service=name))
        return reply.code if isinstance(reply, Failure) else health_pb2.HealthCheckResponse.ServingStatus.Name(
            reply.status)


def floats(value):
    """The numbers of a reply's tensor."""
    return numpy.frombuffer(value.contents, numpy.float32).reshape(tuple(value.shape))
